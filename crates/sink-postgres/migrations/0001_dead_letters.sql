-- The table of dead letters as `migrate` first made it, where no file of the user makes one.
-- The worker only inserts here; letter_key makes burying the same message again a no-op.
CREATE TABLE IF NOT EXISTS dead_letters (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter_key     bytea       NOT NULL,
    buried_at      timestamptz NOT NULL DEFAULT now(),
    reason         text        NOT NULL,
    detail         text        NOT NULL,
    stream         text        NOT NULL,
    stream_created timestamptz NOT NULL,
    sequence       bigint      NOT NULL,
    published_at   timestamptz NOT NULL,
    attempts       bigint      NOT NULL,
    subject        bytea       NOT NULL,
    headers        bytea       NOT NULL,
    payload        bytea       NOT NULL,
    document_key   text,       -- what a person knows the document by, if it says so
    replayed_at    timestamptz,
    replayed_as    bigint,     -- the id of the document that it became
    discarded_at   timestamptz
);

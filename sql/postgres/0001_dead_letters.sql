-- Messages that could not become documents, with their exact bytes.
-- The worker only inserts here; letter_key makes burying the same message again a no-op.
CREATE TABLE dead_letters (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter_key     bytea       NOT NULL UNIQUE,
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
    replayed_at    timestamptz
);

CREATE INDEX dead_letters_open ON dead_letters (id) WHERE replayed_at IS NULL;

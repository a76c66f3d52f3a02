-- Messages that could not become documents, with their exact bytes.
-- letter_key makes burying the same message again a no-op.
CREATE TABLE dead_letters (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    letter_key     BLOB           NOT NULL UNIQUE,
    buried_at      TIMESTAMP_TEXT NOT NULL,
    reason         TEXT           NOT NULL,
    detail         TEXT           NOT NULL,
    stream         TEXT           NOT NULL,
    stream_created TIMESTAMP_TEXT NOT NULL,
    sequence       INTEGER        NOT NULL,
    published_at   TIMESTAMP_TEXT NOT NULL,
    attempts       INTEGER        NOT NULL,
    subject        BLOB           NOT NULL,
    headers        BLOB           NOT NULL,
    payload        BLOB           NOT NULL,
    document_key   TEXT,           -- what a person knows the document by, if it says so
    replayed_at    TIMESTAMP_TEXT,
    replayed_as    INTEGER,        -- the id of the document that it became
    discarded_at   TIMESTAMP_TEXT
);

CREATE INDEX dead_letters_waiting ON dead_letters (id)
    WHERE replayed_at IS NULL AND discarded_at IS NULL;
CREATE INDEX dead_letters_document_key ON dead_letters (document_key, id);

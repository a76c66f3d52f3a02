-- A letter belongs to its pipeline; letters from before belong to the pipeline ''. A constraint
-- cannot be taken from a table of SQLite: its rows move into a new one.
CREATE TABLE dead_letters_by_pipeline (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline       TEXT           NOT NULL DEFAULT '',
    letter_key     BLOB           NOT NULL,
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
    discarded_at   TIMESTAMP_TEXT,
    UNIQUE (pipeline, letter_key)
);

INSERT INTO dead_letters_by_pipeline
    (id, letter_key, buried_at, reason, detail, stream, stream_created, sequence, published_at,
     attempts, subject, headers, payload, document_key, replayed_at, replayed_as, discarded_at)
SELECT id, letter_key, buried_at, reason, detail, stream, stream_created, sequence, published_at,
       attempts, subject, headers, payload, document_key, replayed_at, replayed_as, discarded_at
FROM dead_letters;

CREATE TABLE events (
    id       INTEGER PRIMARY KEY,
    event_id UUID NOT NULL UNIQUE,
    kind     TEXT NOT NULL,
    user_id  BIGINT,
    tags     JSON_TEXT NOT NULL DEFAULT '[]',
    scores   JSON_TEXT,
    duration TEXT,
    session  BLOB,
    seen     TIMESTAMP NOT NULL,
    payload  TEXT NOT NULL
);

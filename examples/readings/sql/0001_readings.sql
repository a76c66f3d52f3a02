-- DECIMAL_TEXT and TIMESTAMP_TEXT are TEXT to SQLite, so that digits survive; they tell the mapping what they hold.
CREATE TABLE readings (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    reading  TEXT NOT NULL UNIQUE,
    station  TEXT NOT NULL,
    at       TIMESTAMP_TEXT NOT NULL,
    celsius  DECIMAL_TEXT NOT NULL,
    document JSON_TEXT NOT NULL
);

-- DATE_TEXT and DECIMAL_TEXT are TEXT to SQLite; they tell the mapping what they hold.
CREATE TABLE trip (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    trip_id  TEXT NOT NULL,
    day      DATE_TEXT NOT NULL,
    rider    TEXT,
    document JSON_TEXT NOT NULL,
    UNIQUE (trip_id, day)
);

CREATE TABLE trip_legs (
    trip INTEGER NOT NULL REFERENCES trip (id),
    n    INTEGER,
    km   DECIMAL_TEXT
);

CREATE INDEX trip_legs_trip ON trip_legs (trip);

CREATE TABLE sensor_readings (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    message     TEXT NOT NULL UNIQUE,
    temperature DECIMAL_TEXT,
    humidity    DECIMAL_TEXT,
    battery     INTEGER,
    document    JSON_TEXT NOT NULL,
    stored_at   TIMESTAMP_TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE TABLE readings (
    id        INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL,
    ts        TIMESTAMP NOT NULL,
    metric    TEXT NOT NULL,
    value     REAL NOT NULL,
    battery   TINYINT,
    UNIQUE (device_id, ts, metric)
);

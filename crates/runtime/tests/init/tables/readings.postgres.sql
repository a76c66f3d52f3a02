CREATE TABLE readings (
    id        bigserial        NOT NULL,
    device_id text             NOT NULL,
    ts        timestamptz      NOT NULL,
    metric    text             NOT NULL,
    value     double precision NOT NULL,
    battery   smallint,
    PRIMARY KEY (device_id, ts, metric)
) PARTITION BY RANGE (ts);
CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX ON readings (id);

-- The shop orders. Columns are filled by the mapping in pipeline.toml; the document is kept as
-- published beside them.
--
-- SQLite has no decimals, times or JSON of its own. Names that end in _TEXT have TEXT affinity, so
-- that every digit survives, and tell the mapping what they hold; NUMERIC would round to a binary
-- float. A STRICT table knows none of these names.
CREATE TABLE orders (
    id                     INTEGER PRIMARY KEY AUTOINCREMENT,
    order_uid              TEXT      NOT NULL,
    track_number           TEXT      NOT NULL UNIQUE,
    entry                  TEXT,
    delivery_name          TEXT,
    delivery_phone         TEXT,
    delivery_zip           TEXT,
    delivery_city          TEXT,
    delivery_address       TEXT,
    delivery_region        TEXT,
    delivery_email         TEXT,
    payment_transaction    TEXT,
    payment_request_id     TEXT,
    payment_currency       TEXT,
    payment_provider       TEXT,
    payment_amount         DECIMAL_TEXT,
    payment_dt             INTEGER,
    payment_bank           TEXT,
    payment_delivery_cost  DECIMAL_TEXT,
    payment_goods_total    DECIMAL_TEXT,
    payment_custom_fee     DECIMAL_TEXT,
    locale                 TEXT,
    internal_signature     TEXT,
    customer_id            TEXT,
    delivery_service       TEXT,
    shardkey               TEXT,
    sm_id                  INTEGER,
    date_created           TIMESTAMP_TEXT,
    oof_shard              TEXT,
    document               JSON_TEXT NOT NULL,
    published_at           TIMESTAMP_TEXT,      -- when the broker received it
    deliveries             INTEGER,             -- how often it had been delivered by then
    stored_at              TIMESTAMP_TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

-- Every index ends with the id: the newest of many orders with one uid are found without sorting.
CREATE INDEX orders_order_uid ON orders (order_uid, id);

-- No uniqueness: a shop may list the same article twice in one order.
CREATE TABLE order_items (
    order_id     INTEGER NOT NULL REFERENCES orders (id),
    chrt_id      INTEGER,
    track_number TEXT,
    price        DECIMAL_TEXT,
    rid          TEXT,
    name         TEXT,
    sale         DECIMAL_TEXT,
    size         TEXT,
    total_price  DECIMAL_TEXT,
    nm_id        INTEGER,
    brand        TEXT,
    status       INTEGER
);

CREATE INDEX order_items_order_id ON order_items (order_id);

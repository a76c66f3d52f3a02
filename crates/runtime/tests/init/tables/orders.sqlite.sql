CREATE TABLE orders (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    order_number     VARCHAR(32) NOT NULL UNIQUE,
    customer_email   TEXT NOT NULL,
    status           TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'paid', 'shipped')),
    currency         CHAR(3) NOT NULL,
    total            DECIMAL(12, 2) NOT NULL,
    placed_at        DATETIME NOT NULL,
    shipping_address JSON_TEXT,
    note             TEXT,
    created_at       DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE order_items (
    id         INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    sku        NVARCHAR(40) NOT NULL,
    quantity   INT8 NOT NULL,
    unit_price NUMERIC(12, 2) NOT NULL
);
CREATE INDEX order_items_order ON order_items (order_id);

CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'cancelled');
CREATE TABLE orders (
    id               bigserial      PRIMARY KEY,
    order_number     varchar(32)    NOT NULL UNIQUE,
    customer_email   text           NOT NULL,
    status           order_status   NOT NULL DEFAULT 'pending',
    currency         char(3)        NOT NULL,
    total            numeric(12, 2) NOT NULL CHECK (total >= 0),
    placed_at        timestamp      NOT NULL,
    shipping_address jsonb,
    note             text,
    created_at       timestamptz    NOT NULL DEFAULT now(),
    updated_at       timestamptz    NOT NULL DEFAULT now()
);
CREATE TABLE order_items (
    id         bigserial      PRIMARY KEY,
    order_id   bigint         NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    sku        text           NOT NULL,
    quantity   integer        NOT NULL CHECK (quantity > 0),
    unit_price numeric(12, 2) NOT NULL
);
CREATE INDEX ON order_items (order_id);
CREATE TABLE order_refunds (
    id       bigserial PRIMARY KEY,
    order_id bigint    NOT NULL REFERENCES orders (id),
    reason   text      NOT NULL
);

CREATE TABLE audit_log (
    id          integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_uuid  uuid        NOT NULL UNIQUE,
    actor_login text        NOT NULL,
    actor_ip    inet,
    action      varchar(80) NOT NULL,
    changes     jsonb       NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL,
    raw         jsonb       NOT NULL,
    inserted_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX ON audit_log (actor_login, id);

CREATE TABLE audit_log (
    id          INTEGER PRIMARY KEY,
    event_uuid  UUID NOT NULL UNIQUE,
    actor_login TEXT NOT NULL,
    actor_ip    VARCHAR(45),
    action      VARCHAR(80) NOT NULL,
    changes     JSON_TEXT NOT NULL DEFAULT '{}',
    occurred_at DATETIME NOT NULL,
    raw         TEXT NOT NULL,
    inserted_at DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE INDEX audit_log_actor ON audit_log (actor_login);

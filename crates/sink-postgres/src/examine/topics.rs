//! Everything that `doctor` asks about Postgres. Each check is made from one of these topics,
//! and the README shows them.

use l0_stage::doctor::Topic;

pub(super) const SERVER: Topic = Topic {
    name: "server",
    asks: "a session as `user`, with the settings of a worker; version, standby, read-only, encoding, a ping",
    wrong: &[(
        "`cannot connect to postgres at ...` with the words of the server and its SQLSTATE; the password that \
           expired, or the role that does not exist, if the role of letters was let in; `is a standby`, \
           `is read-only`, `is older than 14`, `has encoding ...`",
        "by the SQLSTATE: the password (28P01), `pg_hba.conf` or LOGIN (28000), GRANT CONNECT (42501), the limit \
           that is used up (53300), `ALLOW_CONNECTIONS` (55000); the primary, a database in UTF8; start postgres",
    )],
};

pub(super) const HOSTS: Topic = Topic {
    name: "hosts",
    asks: "of several hosts, a session at each, as the server check has it",
    wrong: &[
        (
            "what the server check says, of a host that does not let the role in",
            "what it says there: otherwise sessions cannot move to that host when it becomes the primary",
        ),
        (
            "`postgres at ... takes writes, and so does postgres at ...`",
            "one cluster in `host`; an old primary that came back is made a standby",
        ),
    ],
};

pub(super) const ENCRYPTION: Topic = Topic {
    name: "encryption",
    asks: "`pg_stat_ssl` of this session",
    wrong: &[(
        "`documents cross the network to ... unencrypted`",
        "a certificate for postgres and `tls = \"verify-full\"`",
    )],
};

pub(super) const CLOCK: Topic = Topic {
    name: "clock",
    asks: "`clock_timestamp()`, compared with this machine's in the middle of the round trip",
    wrong: &[(
        "`the clock of postgres at ... is 12.3 s behind this machine's`, above 1 s and the round trip",
        "NTP for both",
    )],
};

pub(super) const DURABILITY: Topic = Topic {
    name: "durability",
    asks: "`fsync`, `full_page_writes`, `synchronous_standby_names`",
    wrong: &[("`postgres runs with fsync = off: ...`", "`ALTER SYSTEM SET fsync = on`")],
};

pub(super) const CONNECTIONS: Topic = Topic {
    name: "connections",
    asks: "`max_connections` without the reserved ones, CONNECTION LIMIT of database and role, and how many are \
           used, against workers, readers, letters and the probe",
    wrong: &[(
        "`20 connections are needed (...), 5 of 15 are free`, and by which limit",
        "raise that limit, lower `pipeline.workers`, stop others",
    )],
};

pub(super) const PASSWORDS: Topic = Topic {
    name: "passwords",
    asks: "`rolvaliduntil` of both roles",
    wrong: &[(
        "`the password of role ... expires in 3 days`, within 7 days; `expired at ...`",
        "`ALTER ROLE ... VALID UNTIL 'infinity'`",
    )],
};

pub(super) const TABLES: Topic = Topic {
    name: "tables",
    asks: "`to_regclass` of each table, and USAGE on its schema",
    wrong: &[(
        "`tables ... not found in database ...`; `role ... has no USAGE on schema ...`; `schema ... not found`",
        "`l0-runtime migrate`, or the name in the mapping",
    )],
};

pub(super) const MAPPING: Topic = Topic {
    name: "mapping",
    asks: "columns, types, defaults, unique indexes, rules and policies of the tables",
    wrong: &[(
        "`columns ... not found in table ...`; a type that cannot hold the value; `is NOT NULL and not mapped`; \
           a key that is not unique; an id without a value; a rule that rewrites every INSERT; row-level security \
           without a policy for the role",
        "the line of the mapping, or the column, constraint or policy that is named",
    )],
};

pub(super) const NUMBERS: Topic = Topic {
    name: "numbers",
    asks: "precision and scale of numeric columns, integers for `@sequence`",
    wrong: &[(
        "`a number of ... or more is a dead letter, not rounded`",
        "an exact type without a limit, `bigint`",
    )],
};

pub(super) const INDEXES: Topic = Topic {
    name: "indexes",
    asks: "an index that begins with the parent's column of each child",
    wrong: &[("`no index begins with column ...`", "the `CREATE INDEX` that is printed")],
};

pub(super) const TRIGGERS: Topic = Topic {
    name: "triggers",
    asks: "INSERT triggers of the user's in `pg_trigger`",
    wrong: &[(
        "never wrong: they are named, and what becomes of a document that one refuses",
        "none is needed",
    )],
};

pub(super) const POLICIES: Topic = Topic {
    name: "policies",
    asks: "`pg_policy`, where row-level security is active for the role",
    wrong: &[(
        "never wrong: they are named; that none lets the role in is told by the mapping",
        "none is needed",
    )],
};

pub(super) const SEQUENCES: Topic = Topic {
    name: "sequences",
    asks: "last value and end of each sequence that fills a column, and the largest value there",
    wrong: &[(
        "`is behind its column`; `was restarted`; `is at ... of ...`, above four fifths",
        "the `SELECT setval(...)`, or `ALTER TABLE ... TYPE bigint` and `ALTER SEQUENCE ...`, that is printed",
    )],
};

pub(super) const LOGGED: Topic = Topic {
    name: "logged",
    asks: "`relpersistence` of the tables",
    wrong: &[(
        "`table ... is UNLOGGED: a crash of postgres empties it`",
        "`ALTER TABLE ... SET LOGGED`",
    )],
};

pub(super) const PRIVILEGES: Topic = Topic {
    name: "privileges",
    asks: "INSERT and SELECT on each column that is used; attributes of the role; UPDATE, DELETE, TRUNCATE",
    wrong: &[(
        "`role ... lacks privileges on ...` with all of them; `may do more than a worker`; `may change or delete`",
        "`l0-runtime migrate`; a role of its own",
    )],
};

pub(super) const LETTERS: Topic = Topic {
    name: "dead letters",
    asks: "columns, types and unique keys of `dead_letters`",
    wrong: &[(
        "`columns ... not found`; `is ..., not ...`; `a letter may be buried twice`; `an older version`",
        "`l0-runtime migrate`",
    )],
};

pub(super) const SESSIONS: Topic = Topic {
    name: "sessions",
    asks: "the settings of a worker's session, read back in another transaction, and its process beside a second \
           session",
    wrong: &[(
        "`a pooler in transaction or statement mode stands before postgres`",
        "`pool_mode = session`, or postgres itself",
    )],
};

pub(super) const CATALOG: Topic = Topic {
    name: "catalog",
    asks: "nothing of its own: it stands where one of the other looks failed",
    wrong: &[(
        "`cannot look at postgres: ...`; behind a lock (55P03), the session that holds it",
        "the end of that session; the log of postgres",
    )],
};

pub(super) const LETTERS_ROLE: Topic = Topic {
    name: "letters access",
    asks: "a session as `dead_letters.user`; USAGE on the schema; SELECT, UPDATE, DELETE on `dead_letters`",
    wrong: &[(
        "`cannot connect ...`, unless the workers were refused for the same; `has no privilege to ...`",
        "the password; `l0-runtime migrate`",
    )],
};

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Topic] = &[
        SERVER,
        HOSTS,
        ENCRYPTION,
        CLOCK,
        DURABILITY,
        CONNECTIONS,
        PASSWORDS,
        TABLES,
        MAPPING,
        NUMBERS,
        INDEXES,
        TRIGGERS,
        POLICIES,
        SEQUENCES,
        LOGGED,
        PRIVILEGES,
        LETTERS,
        SESSIONS,
        CATALOG,
        LETTERS_ROLE,
    ];

    #[test]
    fn all_that_is_asked_is_in_the_list_and_the_readme() {
        l0_testkit::assert_topics(env!("CARGO_MANIFEST_DIR"), ALL);
    }
}

use sqlx::postgres::PgConnection;

/// A setting and its value.
pub(crate) type Setting = (&'static str, &'static str);

/// The purpose of a session, and the settings that it needs beside [`COMMON`].
pub(crate) struct Session {
    pub writes: bool,
    pub settings: &'static [Setting],
}

/// The settings of every session. They are SET after the connect and read back
/// ([`Session::settle`]). The reason: a pooler may drop what a client sends at the start, and a
/// role, a database or a server may have defaults of its own.
const COMMON: &[Setting] = &[
    ("search_path", "public"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("bytea_output", "hex"),
    ("client_encoding", "UTF8"),
    ("extra_float_digits", "1"),
    ("standard_conforming_strings", "on"),
    // Our names are compared with names as the catalog prints them.
    ("quote_all_identifiers", "off"),
    ("row_security", "on"),
    ("default_transaction_isolation", "read committed"),
    ("synchronous_commit", "on"),
    // The session must survive a statement that the server refuses.
    ("exit_on_error", "off"),
    ("timezone_abbreviations", "Default"),
    // A worker is idle while there is nothing to do.
    ("idle_session_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    // A backend notices within this time that its client has died, even during a statement, and
    // releases its locks.
    ("client_connection_check_interval", "2s"),
    // Our statements need index look-ups and joins of few rows. Other plans read whole tables, or
    // all partitions.
    ("enable_indexscan", "on"),
    ("enable_indexonlyscan", "on"),
    ("enable_nestloop", "on"),
    ("enable_hashjoin", "on"),
    ("enable_partition_pruning", "on"),
    // Our statements are short: compiling one takes longer than running it.
    ("jit", "off"),
];

/// A further setting of a session that writes. It overrides a default of the role. A default of the
/// server or the database is kept, because it makes all of that read-only on purpose.
const WRITES: &[Setting] = &[("default_transaction_read_only", "off")];

/// More settings of every session, which not every server of version 14 or newer has.
const NEWER: &[Setting] = &[
    // Postgres 17. A transaction of ours may wait for a lock and for two statements.
    ("transaction_timeout", "0"),
];

/// A worker's session. `statement_timeout` is shorter than the client's own limit
/// (`write::connection::CLIENT_TIMEOUT`), so that the server gives up first and reports why.
pub(crate) const WRITING: Session = Session {
    writes: true,
    settings: &[
        ("statement_timeout", "8s"),
        ("lock_timeout", "3s"),
        // One plan for every batch: planning an unnest of 39 arrays each time costs a quarter of
        // the speed.
        ("plan_cache_mode", "force_generic_plan"),
        // That plan is made while the table may be empty, and must still be good when it has grown.
        ("enable_seqscan", "off"),
    ],
};

/// The session of a reader.
pub(crate) const READING: Session = Session {
    writes: false,
    settings: &[
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "2s"),
        ("lock_timeout", "0"),
        // One plan per statement. It is made while the table may be empty, and must still be good
        // when it has grown.
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        ("enable_sort", "off"),
    ],
};

/// The session that marks or deletes dead letters.
pub(crate) const MENDING: Session = Session {
    writes: true,
    settings: &[
        ("statement_timeout", "8s"),
        ("lock_timeout", "3s"),
        // Letters that were replayed or discarded, and letters of other pipelines, may far
        // outnumber the waiting ones.
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        ("enable_sort", "off"),
        ("enable_incremental_sort", "off"),
    ],
};

/// The administrator's session. If another session has locked a table, it reports an error instead
/// of waiting for ever.
pub(crate) const ADMINISTRATING: Session =
    Session { writes: true, settings: &[("statement_timeout", "0"), ("lock_timeout", "30s")] };

/// The settings of a worker's session that `doctor` shows.
pub(crate) const TOLD: [&str; 6] = [
    "synchronous_commit",
    "transaction_read_only",
    "transaction_isolation",
    "statement_timeout",
    "lock_timeout",
    "search_path",
];

impl Session {
    /// SETs every setting, and reads it back in a separate transaction. Returns the name of a
    /// setting that the session did not keep, if there is one.
    pub async fn settle(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<String>, sqlx::Error> {
        let set = self.set(connection).await?;
        let names: Vec<_> = set.iter().map(|(name, _)| name.as_str()).collect();
        let kept = read(connection, &names).await?;
        let lost = set.into_iter().find(|setting| !kept.contains(setting));
        Ok(lost.map(|(name, _)| name))
    }

    /// Returns each value as the server writes it: `2s` for `2000`.
    async fn set(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Vec<(String, String)>, sqlx::Error> {
        let writes = if self.writes { WRITES } else { &[] };
        let all = COMMON.iter().chain(self.settings).chain(NEWER).chain(writes).copied();
        let (names, values): (Vec<_>, Vec<_>) = all.unzip();
        let names_of = |settings: &[Setting]| settings.iter().map(|(name, _)| *name).collect();
        let (newer, writes): (Vec<_>, Vec<_>) = (names_of(NEWER), names_of(writes));
        let set = sqlx::query_as(
            "SELECT name, set_config(name, value, false)
             FROM unnest($1::text[], $2::text[]) AS setting (name, value)
             WHERE (name <> ALL ($3) OR current_setting(name, true) IS NOT NULL)
               AND (name <> ALL ($4) OR name IN (
                   SELECT s.name FROM pg_settings s WHERE s.source IN ('user', 'database user')))",
        );
        set.bind(names).bind(values).bind(newer).bind(writes).fetch_all(connection).await
    }
}

/// The present values of these settings, in this order.
pub(crate) async fn read(
    connection: &mut PgConnection,
    names: &[&str],
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let read = sqlx::query_as(
        "SELECT name, current_setting(name)
         FROM unnest($1::text[]) WITH ORDINALITY AS setting (name, place) ORDER BY place",
    );
    read.bind(names).fetch_all(connection).await
}

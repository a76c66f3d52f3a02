use sqlx::postgres::PgConnection;

/// A setting and its value.
pub(crate) type Setting = (&'static str, &'static str);

/// What a session is for, and the settings that it needs beside [`COMMON`].
pub(crate) struct Session {
    pub writes: bool,
    pub settings: &'static [Setting],
}

/// The settings of every session. They are SET after the connect and read back
/// ([`Session::settle`]): a pooler may drop what a client sends at the start, and a role, a database
/// or a server may have defaults of its own.
const COMMON: &[Setting] = &[
    ("search_path", "public"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("bytea_output", "hex"),
    ("client_encoding", "UTF8"),
    ("extra_float_digits", "1"),
    ("standard_conforming_strings", "on"),
    // Names are compared as the catalog prints them.
    ("quote_all_identifiers", "off"),
    ("row_security", "on"),
    ("default_transaction_isolation", "read committed"),
    ("synchronous_commit", "on"),
    // A worker rests while there is nothing to do.
    ("idle_session_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    // A backend whose client died notices it within this time, also in the middle of a statement,
    // and gives up its locks.
    ("client_connection_check_interval", "2s"),
];

/// A worker's. `statement_timeout` stays below the client's own limit
/// (`write::CLIENT_TIMEOUT`), so that the server gives up first and says why.
pub(crate) const WRITING: Session = Session {
    writes: true,
    settings: &[
        ("statement_timeout", "8s"),
        ("lock_timeout", "3s"),
        // One plan for every batch: planning an unnest of 39 arrays anew costs a quarter of the speed.
        ("plan_cache_mode", "force_generic_plan"),
        // That plan is made while the table may be empty and must stay good when it has grown.
        ("enable_seqscan", "off"),
    ],
};

/// One that answers queries.
pub(crate) const READING: Session = Session {
    writes: false,
    settings: &[
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "2s"),
        ("lock_timeout", "0"),
        // One plan per statement, made while the table may be empty: it must stay good when it has
        // grown.
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        ("enable_sort", "off"),
    ],
};

/// One that marks or deletes dead letters.
pub(crate) const MENDING: Session = Session {
    writes: true,
    settings: &[
        ("statement_timeout", "8s"),
        ("lock_timeout", "3s"),
        // Decided letters, and those of other pipelines, may be many more than those that wait.
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        ("enable_sort", "off"),
        ("enable_incremental_sort", "off"),
    ],
};

/// An administrator's: a table that somebody holds locked is an error, not a hang.
pub(crate) const ADMINISTRATING: Session =
    Session { writes: true, settings: &[("statement_timeout", "0"), ("lock_timeout", "30s")] };

impl Session {
    /// SETs every setting, and reads it back in a transaction of its own. Returns the name of one
    /// that the session did not keep, if there is one.
    pub async fn settle(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<String>, sqlx::Error> {
        let (names, values): (Vec<_>, Vec<_>) = COMMON.iter().chain(self.settings).copied().unzip();
        // It returns a value as the server writes it, `2s` for `2000`.
        let set = sqlx::query_as::<_, (String, String)>(
            "SELECT name, set_config(name, value, false)
             FROM unnest($1::text[], $2::text[]) AS setting (name, value)",
        );
        let set = set.bind(&names).bind(values).fetch_all(&mut *connection).await?;
        let kept = sqlx::query_as::<_, (String, String)>(
            "SELECT name, current_setting(name) FROM unnest($1::text[]) AS name",
        );
        let kept = kept.bind(names).fetch_all(connection).await?;
        let lost = set.into_iter().find(|setting| !kept.contains(setting));
        Ok(lost.map(|(name, _)| name))
    }
}

/// What a session is for, and the settings it starts with.
pub(crate) struct Session {
    pub writes: bool,
    pub settings: &'static [(&'static str, &'static str)],
}

/// A backend whose client died notices it within this time, also in the middle of a statement, and
/// gives up its locks.
const CHECK_CLIENT: (&str, &str) = ("client_connection_check_interval", "2s");

/// A worker's. `statement_timeout` stays below the client's own limit
/// (`writer::CLIENT_TIMEOUT`), so that the server gives up first and says why.
pub(crate) const WRITING: Session = Session {
    writes: true,
    settings: &[
        ("search_path", "public"),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
        ("synchronous_commit", "on"),
        ("statement_timeout", "8s"),
        ("lock_timeout", "3s"),
        CHECK_CLIENT,
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
        ("search_path", "public"),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
        ("statement_timeout", "2s"),
        CHECK_CLIENT,
        ("default_transaction_read_only", "on"),
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
        ("search_path", "public"),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
        ("synchronous_commit", "on"),
        ("statement_timeout", "8s"),
        ("lock_timeout", "3s"),
        CHECK_CLIENT,
        // Decided letters, and those of other pipelines, may be many more than those that wait.
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        ("enable_sort", "off"),
        ("enable_incremental_sort", "off"),
    ],
};

/// An administrator's: a table that somebody holds locked is an error, not a hang.
pub(crate) const ADMINISTRATING: Session = Session {
    writes: true,
    settings: &[("search_path", "public"), ("lock_timeout", "30s"), CHECK_CLIENT],
};

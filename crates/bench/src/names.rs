//! The names of the rows.

/// What every drain is compared with.
pub const CLEAN: &str = "clean";
pub const POISON: &str = "1 % poison, 5 % repeated";
pub const REFUSED: &str = "0.5 % refused by the database";
pub const COPY: &str = "ceiling: COPY, nothing checked";
pub const NO_SINK: &str = "no sink: pull, parse, acknowledge";
pub const DOCUMENTS: &str = "document only";
pub const COPY_DOCUMENTS: &str = "document only: COPY";
pub const SINGLES: &str = "max_batch = 1";
pub const NDJSON: &str = "NDJSON of 500 into SQLite";
pub const INSERT: &str = "NDJSON of 500 into SQLite: bare insert";
pub const HITS: &str = "hits";
pub const WARP: &str = "hits: bare warp route";
pub const HYPER: &str = "hits: bare hyper";
pub const MISSES: &str = "misses";
pub const PGBENCH: &str = "misses: pgbench";
pub const LISTS: &str = "lists among 1,000,000 documents";
pub const LATENCY: &str = "publish to queryable";
pub const REST: &str = "start and rest";
pub const VALIDATE: &str = "validate";

//! The names of the rows.

use l0_testkit::attack::Kind;

/// The row with which every drain is compared.
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
pub const ALL_ATTACKS: &str = "attack: all at once";

/// One row per kind of attack.
pub const ATTACKS: [(&str, Kind); 8] = [
    ("attack: half a request to the page", Kind::HalfAtThePage),
    ("attack: half a request to the ingest", Kind::HalfAtTheIngest),
    ("attack: connections without a request", Kind::Idle),
    ("attack: event streams", Kind::EventStreams),
    ("attack: slow bodies", Kind::SlowBodies),
    ("attack: wrong tokens", Kind::WrongTokens),
    ("attack: answers that are not read", Kind::Unread),
    ("attack: bodies of 50,000 lines", Kind::ManyLines),
];

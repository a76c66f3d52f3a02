//! What is measured in a round, in this order.

use l0_testkit::attack::Kind;

use crate::ceiling::Place;
use crate::cli::Cli;
use crate::drain::Drain;
use crate::http::Bare;
use crate::orders::Mix;
use crate::report::Row;
use crate::suite::Measure;

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

/// Half of it is no JSON, half does not fit a column; and what producers repeat.
const POISONED: Mix = Mix { broken: 5, unfit: 5, repeated: 50, refused: 0 };

/// What only the database refuses.
const REFUSABLE: Mix = Mix { broken: 0, unfit: 0, repeated: 0, refused: 5 };

/// Orders a drain of single messages gets: a tenth, or it would take longer than all others.
const SINGLE: usize = 10;

/// Those that are wanted. Rows that are compared stand beside each other.
pub fn rows(cli: &Cli) -> Vec<(Row, Measure)> {
    let clean = clean(cli);
    let mut rows = drains(cli, &clean);
    rows.extend([(NDJSON, Measure::Ndjson), (INSERT, Measure::Insert)]);
    rows.extend(requests());
    rows.extend([(LATENCY, Measure::Latency), (REST, Measure::Rest)]);
    rows.extend([(VALIDATE, Measure::Validate), (LISTS, Measure::Lists)]);
    rows.push(("attack: none", Measure::Served(Vec::new())));
    rows.extend(ATTACKS.map(|(name, kind)| (name, Measure::Served(vec![kind]))));
    rows.push((ALL_ATTACKS, Measure::Served(Kind::ALL.to_vec())));
    rows.retain(|(name, _)| cli.wants(name));
    let mut rows: Vec<_> =
        rows.into_iter().map(|(name, measure)| (Row::new(name), measure)).collect();
    rows.extend(cli.variant.iter().map(|set| {
        let drain = Drain { set: vec![set.clone()], ..clean.clone() };
        (Row::new(set), Measure::Drain(drain))
    }));
    rows.extend(cli.against.iter().map(|binary| {
        let drain = Drain { binary: binary.clone(), ..clean.clone() };
        (Row::new(&binary.display().to_string()), Measure::Drain(drain))
    }));
    rows
}

/// Good, new orders by the shipped configuration.
pub fn clean(cli: &Cli) -> Drain {
    Drain {
        length: cli.orders(),
        mix: Mix::default(),
        binary: cli.binary.clone(),
        config: "pipeline.toml",
        table: "orders",
        set: Vec::new(),
    }
}

fn drains(cli: &Cli, clean: &Drain) -> Vec<(&'static str, Measure)> {
    let poison = Drain { mix: POISONED, ..clean.clone() };
    let refused = Drain { mix: REFUSABLE, ..clean.clone() };
    let documents =
        Drain { config: "crates/bench/documents.toml", table: "documents", ..clean.clone() };
    let singles = Drain {
        length: cli.orders() / SINGLE,
        set: vec!["pipeline.max_batch=1".to_owned()],
        ..clean.clone()
    };
    vec![
        (CLEAN, Measure::Drain(clean.clone())),
        (COPY, Measure::Ceiling(Place::Orders)),
        (POISON, Measure::Drain(poison)),
        (REFUSED, Measure::Drain(refused)),
        (SINGLES, Measure::Drain(singles)),
        (DOCUMENTS, Measure::Drain(documents)),
        (COPY_DOCUMENTS, Measure::Ceiling(Place::Documents)),
        (NO_SINK, Measure::Ceiling(Place::Nowhere)),
    ]
}

fn requests() -> [(&'static str, Measure); 5] {
    [
        (MISSES, Measure::Misses),
        (PGBENCH, Measure::Pgbench),
        (HITS, Measure::Hits),
        (WARP, Measure::Bare(Bare::Warp)),
        (HYPER, Measure::Bare(Bare::Hyper)),
    ]
}

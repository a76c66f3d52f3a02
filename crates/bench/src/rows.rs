//! The rows of a round, in their order.

use l0_testkit::attack::Kind;

use crate::ceiling::Place;
use crate::cli::Cli;
use crate::drain::Drain;
use crate::http::Bare;
use crate::measure::Measure;
use crate::names::{
    ALL_ATTACKS, ATTACKS, CLEAN, COPY, COPY_DOCUMENTS, DOCUMENTS, HITS, HYPER, INSERT, LATENCY,
    LISTS, MISSES, NDJSON, NO_SINK, PGBENCH, POISON, REFUSED, REST, SINGLES, VALIDATE, WARP,
};
use crate::orders::Mix;
use crate::report::Row;

/// Half of the bad messages are not JSON, and half do not fit a column. The repeated ones are what
/// producers send twice.
const POISONED: Mix = Mix { broken: 5, unfit: 5, repeated: 50, refused: 0 };

/// Documents that only the database refuses.
const REFUSABLE: Mix = Mix { broken: 0, unfit: 0, repeated: 0, refused: 5 };

/// A drain of single messages gets a tenth of the orders; otherwise it would take longer than all
/// others together.
const SINGLE: usize = 10;

/// The wanted rows. Rows that are compared follow each other.
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

/// Good, new orders with the shipped configuration.
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

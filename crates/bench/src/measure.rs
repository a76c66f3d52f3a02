use l0_testkit::attack::Kind;

use crate::ceiling::Place;
use crate::drain::Drain;
use crate::http::Bare;

/// How one row is measured.
pub enum Measure {
    Drain(Drain),
    Ceiling(Place),
    Ndjson,
    Insert,
    Hits,
    Bare(Bare),
    Misses,
    Pgbench,
    Latency,
    Rest,
    Validate,
    Lists,
    /// A good client while these attacks run.
    Served(Vec<Kind>),
}

impl Measure {
    /// Whether it requests stored documents.
    pub fn reads(&self) -> bool {
        matches!(self, Self::Hits | Self::Bare(_) | Self::Misses | Self::Pgbench)
    }
}

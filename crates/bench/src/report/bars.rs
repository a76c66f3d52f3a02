//! The bars and targets that numbers are compared with.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use super::measured::Report;
use super::spread::Spread;
use crate::names::{
    ALL_ATTACKS, ATTACKS, CLEAN, COPY, COPY_DOCUMENTS, DOCUMENTS, HITS, HYPER, INSERT, LATENCY,
    LISTS, MISSES, NDJSON, PGBENCH, POISON, REFUSED, REST, SINGLES, VALIDATE, WARP,
};
use crate::sample::{Listed, Sample};

/// The range in which a number must be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
    /// In every round, not only in the median.
    NeverAbove(f64),
}

/// A line of the last table.
#[derive(Debug)]
pub struct Bar {
    pub what: &'static str,
    pub measured: Option<Spread>,
    /// Beyond this bar something is broken.
    pub bar: Option<Bound>,
    /// The intended value.
    pub target: Option<Bound>,
}

/// All bars.
pub fn all(report: &Report) -> Vec<Bar> {
    use Bound::{AtLeast, AtMost, NeverAbove};
    let rates = |over, under| report.ratio(over, under, Sample::rate);
    let hit = |sample: &Sample| sample.requested()?.server;
    let [p99, ready, validate, rest, peak, itself] = [
        report.spread(LATENCY, |sample| Some(sample.latency()?.p99_milliseconds)),
        report.spread(REST, |sample| Some(sample.rest()?.ready_milliseconds)),
        report.spread(VALIDATE, |sample| Some(sample.validated()?.milliseconds)),
        report.spread(REST, |sample| Some(sample.rest()?.megabytes)),
        report.spread(CLEAN, |sample| sample.drained()?.peak_megabytes),
        report.spread(CLEAN, |sample| Some(sample.drained()?.itself)),
    ];
    let lists = report.spread(LISTS, |sample| sample.listed().map(Listed::slowest));
    let idle = report.spread(LISTS, |sample| Some(sample.listed()?.idle_percent));
    let slowest = |row| report.spread(row, |sample| Some(sample.served()?.slowest_milliseconds));
    let alone = ATTACKS.iter().filter_map(|(row, _)| slowest(row));
    let alone = alone.max_by(|one, other| one.most.total_cmp(&other.most));
    let bar = |what, measured| Bar { what, measured, bar: None, target: None };
    vec![
        bar("drain ÷ COPY of the same tables", rates(CLEAN, COPY))
            .bar(AtLeast(0.65))
            .target(AtLeast(0.8)),
        bar("drain ÷ a transaction per message", rates(CLEAN, SINGLES))
            .bar(AtLeast(6.0))
            .target(AtLeast(10.0)),
        bar("document only ÷ COPY of the same table", rates(DOCUMENTS, COPY_DOCUMENTS))
            .target(AtLeast(0.85)),
        bar("1 % poison, 5 % repeated ÷ clean", rates(POISON, CLEAN)).target(AtLeast(0.8)),
        bar("0.5 % refused by the database ÷ clean", rates(REFUSED, CLEAN)).target(AtLeast(0.25)),
        bar("l0-runtime per message of the drain, µs", itself).target(AtMost(7.0)),
        bar("NDJSON into SQLite ÷ bare insert", rates(NDJSON, INSERT)).bar(AtLeast(0.5)),
        bar("NDJSON into SQLite, documents/s", report.spread(NDJSON, Sample::rate))
            .bar(AtLeast(10_000.0)),
        bar("hits ÷ bare warp route", rates(HITS, WARP)).bar(AtLeast(0.9)),
        bar("processor time of a hit ÷ bare hyper", report.ratio(HITS, HYPER, hit))
            .target(AtMost(1.1)),
        bar("misses ÷ pgbench", rates(MISSES, PGBENCH)).bar(AtLeast(0.6)).target(AtLeast(0.75)),
        bar("publish to queryable, p99, ms", p99).bar(AtMost(20.0)).target(AtMost(10.0)),
        bar("slowest list among 1,000,000 documents, p99, ms", lists).bar(AtMost(5.0)),
        bar("open page while nothing happens, % of a core", idle).bar(AtMost(1.0)),
        bar("resident in the drain, MB", peak).bar(NeverAbove(128.0)).target(NeverAbove(128.0)),
        bar("resident at rest, MB", rest).target(NeverAbove(64.0)),
        bar("ready after start, ms", ready).bar(AtMost(500.0)).target(AtMost(300.0)),
        bar("`l0-runtime validate`, ms", validate).bar(AtMost(50.0)),
        bar("slowest answer under any one attack, ms", alone).bar(NeverAbove(200.0)),
        bar("slowest answer under all attacks at once, ms", slowest(ALL_ATTACKS))
            .bar(NeverAbove(200.0)),
    ]
}

impl Bar {
    fn bar(self, bound: Bound) -> Self {
        Self { bar: Some(bound), ..self }
    }

    fn target(self, bound: Bound) -> Self {
        Self { target: Some(bound), ..self }
    }

    /// Whether it was measured and the bar was missed. Targets do not count.
    pub fn is_missed(&self) -> bool {
        self.meets(self.bar) == Some(false)
    }

    /// The bar with its verdict, for programs.
    pub fn judged(&self) -> Value {
        let Self { what, measured, bar, target } = self;
        let [bar, target] = [bar, target].map(|bound| {
            bound.map(|bound| json!({"bound": bound, "met": self.meets(Some(bound))}))
        });
        json!({"what": what, "measured": measured, "bar": bar, "target": target})
    }

    fn meets(&self, bound: Option<Bound>) -> Option<bool> {
        Some(bound?.is_met_by(self.measured?))
    }
}

impl Bound {
    pub fn is_met_by(self, measured: Spread) -> bool {
        match self {
            Self::AtLeast(least) => measured.median >= least,
            Self::AtMost(most) => measured.median <= most,
            Self::NeverAbove(most) => measured.most <= most,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "≥ {least}"),
            Self::AtMost(most) | Self::NeverAbove(most) => write!(f, "≤ {most}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURED: Spread = Spread { median: 100.0, least: 90.0, most: 130.0 };

    #[test]
    fn memory_is_judged_by_its_worst_round_and_speed_by_the_median() {
        assert!(Bound::AtMost(128.0).is_met_by(MEASURED));
        assert!(!Bound::NeverAbove(128.0).is_met_by(MEASURED));
        assert!(Bound::AtLeast(95.0).is_met_by(MEASURED));
        assert!(!Bound::AtLeast(101.0).is_met_by(MEASURED));
    }

    #[test]
    fn a_missed_target_alone_misses_no_bar() {
        let bar = Bar { what: "", measured: Some(MEASURED), bar: None, target: None };
        assert!(!bar.target(Bound::AtMost(1.0)).is_missed());
        let bar = Bar { what: "", measured: Some(MEASURED), bar: None, target: None };
        assert!(bar.bar(Bound::AtMost(1.0)).is_missed());
        let unmeasured = Bar { what: "", measured: None, bar: None, target: None };
        assert!(!unmeasured.bar(Bound::AtMost(1.0)).is_missed());
    }
}

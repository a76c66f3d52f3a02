//! Runs all rows, round by round.

use std::fs;

use anyhow::{Context, ensure};

use crate::ceiling;
use crate::cli::Cli;
use crate::doors;
use crate::drain::Drain;
use crate::http::{self, Pgbench};
use crate::latency;
use crate::measure::Measure;
use crate::orders::Orders;
use crate::report::{Report, Row};
use crate::rest;
use crate::rows::{clean, rows};
use crate::sample::Sample;
use crate::sqlite::{self, Filled};
use crate::stack::Stack;
use crate::validate;

/// What all rows need.
struct Bench<'a> {
    cli: &'a Cli,
    stack: Stack,
    orders: Orders,
    /// The last posted documents: the rows of the bare insert.
    filled: Option<Filled>,
}

/// Runs all rows, one after the other, round by round, so that a disturbance of the machine affects
/// all of them.
pub async fn run(cli: &Cli) -> anyhow::Result<Report> {
    let binary = &cli.binary;
    ensure!(binary.is_file(), "no binary {}: run `make build`", binary.display());
    let sample = fs::read_to_string("schemas/order.sample.json")
        .context("cannot read the sample: start in the project's root")?;
    let orders = Orders::new(&sample)?;
    let (mut rows, measures): (Vec<Row>, Vec<_>) = rows(cli).into_iter().unzip();
    let mut bench = Bench { cli, stack: Stack::start(binary).await?, orders, filled: None };
    if measures.iter().any(|measure| matches!(measure, Measure::Pgbench)) {
        // If pgbench is missing, it should fail before everything else is measured.
        Pgbench::find(&bench.stack)?;
    }
    // A first start creates the durable and warms the caches.
    rest::measure(&bench.stack, binary).await?;
    for round in 1..=cli.rounds() {
        for (measure, row) in measures.iter().zip(&mut rows) {
            eprintln!("round {round}: {}", row.name);
            row.samples.push(bench.take(measure).await?);
        }
    }
    Ok(Report::new(cli.orders(), cli.rounds(), rows))
}

impl Bench<'_> {
    async fn take(&mut self, measure: &Measure) -> anyhow::Result<Sample> {
        if measure.reads() {
            let stored = Drain { length: self.cli.stored(), ..clean(self.cli) };
            http::fill(&self.stack, &mut self.orders, &stored).await?;
        }
        let Self { cli, stack, orders, filled } = self;
        let (binary, length, window) = (&cli.binary, cli.orders(), cli.window());
        Ok(match measure {
            Measure::Drain(drain) => Sample::Drained(drain.measure(stack, orders).await?),
            Measure::Ceiling(place) => {
                Sample::Drained(ceiling::measure(*place, stack, orders, length).await?)
            }
            Measure::Ndjson => {
                let (inserted, file) = sqlite::ingest(stack, orders, binary, cli.posted()).await?;
                *filled = Some(file);
                Sample::Inserted(inserted)
            }
            Measure::Insert => {
                let file = match filled.take() {
                    Some(file) => file,
                    None => sqlite::ingest(stack, orders, binary, cli.posted()).await?.1,
                };
                Sample::Inserted(sqlite::insert(stack, &file).await?)
            }
            Measure::Hits => Sample::Requested(http::hits(stack, binary, window).await?),
            Measure::Bare(bare) => Sample::Requested(http::bare(stack, *bare, window).await?),
            Measure::Misses => Sample::Requested(http::misses(stack, binary, window).await?),
            Measure::Pgbench => {
                Sample::Requested(Pgbench::find(stack)?.measure(stack, window).await?)
            }
            Measure::Rest => Sample::Rest(rest::measure(stack, binary).await?),
            Measure::Validate => Sample::Validated(validate::measure(stack, binary).await?),
            Measure::Served(kinds) => Sample::Served(doors::measure(binary, kinds, window).await?),
            Measure::Lists => Sample::Listed(http::lists(stack, binary).await?),
            Measure::Latency => {
                Sample::Latency(latency::measure(stack, orders, binary, length / 20).await?)
            }
        })
    }
}

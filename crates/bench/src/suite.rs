use std::fs;

use anyhow::{Context, ensure};

use crate::ceiling;
use crate::cli::Cli;
use crate::drain::Drain;
use crate::latency;
use crate::orders::{Mix, Orders};
use crate::report::{Report, Row, Sample};
use crate::rest;
use crate::stack::Stack;

/// What every drain is compared with.
pub const CLEAN: &str = "clean";

/// Half of it is no JSON, half does not fit a column; and what producers repeat.
const POISON: Mix = Mix { broken: 5, unfit: 5, repeated: 50, refused: 0 };

/// What only the database refuses.
const REFUSED: Mix = Mix { broken: 0, unfit: 0, repeated: 0, refused: 5 };

/// Orders a drain of single messages gets: a tenth, or it would take longer than all others.
const SINGLES: usize = 10;

/// How one row is measured.
enum Measure {
    Drain(Drain),
    Ceiling,
    Rest,
    Latency,
}

/// All rows, one after the other, round by round: what disturbs the machine disturbs all of them.
pub async fn run(cli: &Cli) -> anyhow::Result<Report> {
    let binary = &cli.binary;
    ensure!(binary.is_file(), "no binary {}: run `make build`", binary.display());
    let sample = fs::read_to_string("schemas/order.sample.json")
        .context("cannot read the sample: start in the project's root")?;
    let mut orders = Orders::new(&sample)?;
    let stack = Stack::start(binary).await?;
    let rows = rows(cli);
    let mut report = Report::new(cli.orders(), cli.rounds());
    report.rows = rows.iter().map(|(row, _)| row.clone()).collect();
    // The durable is there after a first start, and caches are warm.
    rest::measure(&stack, binary).await?;
    for round in 1..=cli.rounds() {
        for ((_, measure), row) in rows.iter().zip(&mut report.rows) {
            eprintln!("round {round}: {}", row.name);
            row.samples.push(measure.take(cli, &stack, &mut orders).await?);
        }
    }
    Ok(report)
}

impl Measure {
    async fn take(&self, cli: &Cli, stack: &Stack, orders: &mut Orders) -> anyhow::Result<Sample> {
        Ok(match self {
            Self::Drain(drain) => Sample::Drained(drain.measure(stack, orders).await?),
            Self::Ceiling => Sample::Drained(ceiling::measure(stack, orders, cli.orders()).await?),
            Self::Rest => Sample::Rest(rest::measure(stack, &cli.binary).await?),
            Self::Latency => {
                let length = cli.orders() / 20;
                Sample::Latency(latency::measure(stack, orders, &cli.binary, length).await?)
            }
        })
    }
}

fn rows(cli: &Cli) -> Vec<(Row, Measure)> {
    let clean = Drain {
        length: cli.orders(),
        mix: Mix::default(),
        binary: cli.binary.clone(),
        set: Vec::new(),
    };
    let poison = Drain { mix: POISON, ..clean.clone() };
    let refused = Drain { mix: REFUSED, ..clean.clone() };
    let singles = Drain {
        length: cli.orders() / SINGLES,
        set: vec!["pipeline.max_batch=1".to_owned()],
        ..clean.clone()
    };
    let mut rows = vec![
        (Row::new(CLEAN), Measure::Drain(clean.clone())),
        (Row::new("1 % poison, 5 % repeated").at_least(0.8), Measure::Drain(poison)),
        (Row::new("0.5 % refused by the database").at_least(0.25), Measure::Drain(refused)),
        (Row::new("ceiling: COPY, nothing checked").at_most(1.25), Measure::Ceiling),
        (Row::new("max_batch = 1").at_most(0.1), Measure::Drain(singles)),
    ];
    rows.retain(|(row, _)| cli.wants(&row.name));
    rows.extend(cli.variant.iter().map(|set| {
        let drain = Drain { set: vec![set.clone()], ..clean.clone() };
        (Row::new(set), Measure::Drain(drain))
    }));
    rows.extend(cli.against.iter().map(|binary| {
        let drain = Drain { binary: binary.clone(), ..clean.clone() };
        (Row::new(&binary.display().to_string()), Measure::Drain(drain))
    }));
    let others = [("publish to queryable", Measure::Latency), ("start and rest", Measure::Rest)];
    let others = others.into_iter().filter(|(name, _)| cli.wants(name));
    rows.extend(others.map(|(name, measure)| (Row::new(name), measure)));
    rows
}

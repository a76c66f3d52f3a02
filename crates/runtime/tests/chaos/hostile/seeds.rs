use std::time::Instant;

use futures_util::{StreamExt, stream};
use l0_testkit::hostile::Schema;
use l0_testkit::require_services;

use super::ground::Ground;
use super::site;

/// Seeds that have found a mistake before. They run first.
const KEPT: &str = include_str!("../hostile_seeds.txt");

/// How many run at the same time.
const AT_ONCE: usize = 2;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn kept() -> impl Iterator<Item = u64> {
    let seed = |line: &str| line.split('#').next().and_then(|seed| seed.trim().parse().ok());
    KEPT.lines().filter_map(seed)
}

/// How many databases are generated: a few, and 200 in the long form.
fn generated() -> u64 {
    number("L0_HOSTILE").unwrap_or(if std::env::var_os("L0_CHAOS").is_some() { 200 } else { 12 })
}

#[tokio::test]
async fn generated_databases_bury_nothing_good_and_lose_nothing() {
    require_services!();
    let first = number("L0_SEED").unwrap_or_else(|| u64::from(std::process::id()) << 16);
    println!("L0_SEED={first}");
    let ground = Ground::start().await;
    let seeds = kept().chain(first..first + generated());
    let runs = stream::iter(seeds.map(|seed| (seed, &ground))).map(async |(seed, ground)| {
        let schema = Schema::from_seed(seed);
        let begun = Instant::now();
        let outcome = site::run(ground, &schema).await;
        let (database, twists) = (schema.database, &schema.twists);
        println!("{:?} for seed {seed} on {database:?} with {twists:?}", begun.elapsed());
        outcome
    });
    let failed: Vec<_> =
        runs.buffer_unordered(AT_ONCE).filter_map(async |it| it.err()).collect().await;
    assert!(failed.is_empty(), "{} databases\n{}", failed.len(), failed.join("\n"));
}

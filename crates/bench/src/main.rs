#![doc = include_str!("../README.md")]

mod ceiling;
mod cli;
mod cpu;
mod drain;
mod latency;
mod orders;
mod report;
mod rest;
mod stack;
mod suite;

use clap::Parser;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = cli::Cli::parse();
    let report = suite::run(&cli).await?;
    report.print()?;
    cli.json.as_deref().map_or(Ok(()), |file| report.write(file))
}

#![doc = include_str!("../README.md")]

mod ceiling;
mod cli;
mod cpu;
mod doors;
mod drain;
mod http;
mod latency;
mod measure;
mod names;
mod orders;
mod ready;
mod report;
mod rest;
mod rows;
mod sample;
mod sqlite;
mod stack;
mod suite;
mod validate;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    match &cli.command {
        Some(Command::Serve { bare, file }) => {
            http::serve(*bare, file).await?;
            Ok(ExitCode::SUCCESS)
        }
        None => measure(&cli).await,
    }
}

async fn measure(cli: &Cli) -> anyhow::Result<ExitCode> {
    let measured = suite::run(cli).await?;
    let bars = report::bars(&measured);
    report::print(&measured, &bars)?;
    if let Some(file) = &cli.json {
        report::write(&measured, &bars, file)?;
    }
    let missed = cli.strict && bars.iter().any(report::Bar::is_missed);
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

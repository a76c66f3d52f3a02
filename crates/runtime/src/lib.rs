#![doc = include_str!("../README.md")]

mod cli;
mod commands;
mod demo;
mod exit;
mod logging;
mod progress;
mod registry;
mod signals;

use std::process::ExitCode;

use clap::Parser;
use l0_engine::Registry;

use cli::{Cli, Command};
use exit::Exit;

pub use registry::registry;

/// The whole command line, with the kinds of stages that this registry has.
pub fn main(registry: Registry) -> ExitCode {
    start(registry)
}

#[tokio::main]
async fn start(registry: Registry) -> ExitCode {
    let cli = Cli { registry, ..Cli::parse() };
    logging::init(&cli);
    let done = match &cli.command {
        Command::Run(arguments) => commands::run(&cli, arguments).await,
        Command::Demo(arguments) => commands::demo(&cli, arguments).await,
        Command::Produce(arguments) => commands::produce(&cli, arguments).await,
        Command::Validate => commands::validate(&cli),
        Command::Migrate => commands::migrate(&cli).await,
        Command::Health => commands::health(&cli).await,
        Command::Dlq(action) => commands::dlq(&cli, action).await,
    };
    done.unwrap_or_else(Exit::report)
}

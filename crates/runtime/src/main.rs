#![doc = include_str!("../README.md")]

mod cli;
mod commands;
mod demo;
mod exit;
mod logging;
mod registry;
mod signals;

use clap::Parser;

use cli::{Cli, Command};
use exit::Exit;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
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

#![doc = include_str!("../README.md")]

mod answer;
mod check;
mod cli;
mod commands;
mod demo;
mod descriptors;
mod exit;
mod logging;
mod memory;
mod progress;
mod registry;
mod signals;
mod visible;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use l0_engine::Registry;

use answer::{Answer, tell};
use cli::{Cli, Command};
use exit::Exit;

pub use check::check;
pub use registry::registry;

/// The whole command line, with the kinds of stages that this registry has.
pub fn main(registry: Registry) -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => start(Cli { registry, ..cli }),
        Err(error) => refuse(&error),
    }
}

#[tokio::main]
async fn start(cli: Cli) -> ExitCode {
    logging::init(&cli);
    descriptors::raise();
    let done = perform(&cli).await;
    tell(Some(cli.command.name()), cli.json, done)
}

async fn perform(cli: &Cli) -> Result<Answer, Exit> {
    match &cli.command {
        Command::Run(arguments) => commands::run(cli, arguments).await,
        Command::Demo(arguments) => commands::demo(cli, arguments).await,
        Command::Produce(arguments) => commands::produce(cli, arguments).await,
        Command::Validate => commands::validate(cli),
        Command::Test(arguments) => commands::test(cli, arguments).await,
        Command::Graph(arguments) => commands::graph(cli, arguments),
        Command::List => Ok(commands::list(cli)),
        Command::Explain(arguments) => commands::explain(cli, arguments),
        Command::Config(cli::ConfigAction::Show) => commands::show(cli),
        Command::Config(cli::ConfigAction::Schema) => Ok(commands::schema(cli)),
        Command::Doctor => commands::doctor(cli).await,
        Command::Migrate(options) => commands::migrate(cli, options).await,
        Command::Health => commands::health(cli).await,
        Command::Top(arguments) => commands::top(cli, arguments).await,
        Command::Dlq(action) => commands::dlq(cli, action).await,
        Command::Init(arguments) => commands::init(arguments),
        Command::Completions(arguments) => Ok(commands::completions(arguments)),
    }
}

/// A command line that clap does not take. Where it asks for JSON, the refusal is JSON too.
fn refuse(error: &clap::Error) -> ExitCode {
    let helped = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if helped || !std::env::args_os().any(|argument| argument == "--json") {
        error.exit();
    }
    let text = error.to_string();
    let text = text.trim().strip_prefix("error: ").unwrap_or(text.trim()).to_owned();
    tell(None, true, Err(Exit::usage(text)))
}

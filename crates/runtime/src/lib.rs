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
mod printable;
mod progress;
mod registry;
mod signals;
mod visible;

use std::process::ExitCode;

use clap::error::ErrorKind;
use l0_engine::Registry;

use answer::tell;
use cli::Cli;
use commands::Command;
use exit::Exit;

pub use check::check;
pub use registry::registry;

/// Runs the whole command line with the kinds of stages in this registry.
pub fn main(registry: Registry) -> ExitCode {
    match commands::parse(registry) {
        Ok((cli, command)) => start(&cli, &command),
        Err(error) => refuse(&error),
    }
}

#[tokio::main]
async fn start(cli: &Cli, command: &Command) -> ExitCode {
    logging::init(cli);
    descriptors::raise();
    let done = command.perform(cli).await;
    tell(Some(command.name()), cli.json, done)
}

/// Reports a command line that clap refuses: as JSON if it asks for JSON.
fn refuse(error: &clap::Error) -> ExitCode {
    let helped = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if helped || !std::env::args_os().any(|argument| argument == "--json") {
        error.exit();
    }
    let text = error.to_string();
    let text = text.trim().strip_prefix("error: ").unwrap_or(text.trim()).to_owned();
    tell(None, true, Err(Exit::usage(text)))
}

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
mod program;
mod progress;
mod registry;
mod signals;
mod visible;

use std::io::Write as _;
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

/// Prints a text of clap, for example its help. Commands in the text are shown with the name of
/// this binary.
fn show(error: &clap::Error) -> ExitCode {
    let text = error.render();
    if program::spoken(&text.to_string()) == text.to_string() {
        error.exit();
    }
    let told = program::spoken(&text.to_string()).into_owned();
    // If standard error is closed, the exit code alone tells the result.
    let _ = match error.use_stderr() {
        true => write!(std::io::stderr(), "{told}"),
        false => write!(std::io::stdout(), "{told}"),
    };
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Reports a command line that clap refuses. If the command line has `--json`, the report is JSON.
fn refuse(error: &clap::Error) -> ExitCode {
    let helped = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if helped || !std::env::args_os().any(|argument| argument == "--json") {
        return show(error);
    }
    let text = error.to_string();
    let text = text.trim().strip_prefix("error: ").unwrap_or(text.trim()).to_owned();
    tell(None, true, Err(Exit::usage(text)))
}

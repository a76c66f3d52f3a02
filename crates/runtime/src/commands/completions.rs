use clap::Args;
use serde_json::json;

use crate::answer::Answer;
use crate::cli::Cli;

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Prints the script that makes a shell complete this command line.
pub fn completions(cli: &Cli, Completions { shell }: &Completions) -> Answer {
    let mut command = super::command_line(&cli.registry);
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut command, name, &mut script);
    let text = String::from_utf8_lossy(&script).into_owned();
    Answer::data(script).with(json!({"shell": shell.to_string(), "script": text}))
}

mod ask;
mod chart;
mod condition;
mod draw;
mod facts;
mod figures;
mod notices;
mod progress;
mod screen;
mod snapshot;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use l0_observe::Status;
use l0_stage::Secret;
use l0_stage::section::secret_of_file;
use serde_json::Value;

use super::client::Client;
use super::target::Target;
use crate::answer::Answer;
use crate::cli::{Cli, Color};
use crate::exit::Exit;
use draw::View;

/// Options of `top`.
#[derive(Debug, Args)]
pub struct Top {
    /// URL of the instance; default: where the configuration's `[query.*]`, otherwise its `[observe]`, listens
    #[arg(long)]
    pub url: Option<String>,
    /// A PEM file with the authority of the instance's certificate, if the system does not know it
    #[arg(long, requires = "url", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// A file with the token that a proxy before the instance asks for
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Print one snapshot as text; without a terminal this is the default
    #[arg(long)]
    pub once: bool,
}

/// Shows a running instance in the terminal, or once as text.
pub async fn top(cli: &Cli, arguments: &Top) -> Result<Answer, Exit> {
    let usage = |error| Exit::usage(format!("{error:#}"));
    let target = match &arguments.url {
        Some(url) => Target::named(url, arguments.ca.as_deref()).map_err(usage)?,
        None => Target::configured(cli)?,
    };
    let token = arguments.token_file.as_deref().map(read_token).transpose()?;
    let mut client = Client::new(&target, token.as_ref()).map_err(usage)?;
    if cli.json || arguments.once || !io::stdout().is_terminal() {
        return once(&mut client).await;
    }
    let last = ask::snapshot(&mut client).await?;
    let url = client.url().to_owned();
    screen::show(client, View { url, last, stale: None, colored: colored(cli.color) }).await?;
    Ok(Answer::done(""))
}

async fn once(client: &mut Client) -> Result<Answer, Exit> {
    let body = ask::status(client).await?;
    let status: Status = ask::parse(client, &body)?;
    let whole: Value = ask::parse(client, &body)?;
    Ok(Answer::data(text::text(client.url(), &status)).with(whole))
}

fn read_token(file: &Path) -> Result<Secret, Exit> {
    secret_of_file(file)
        .map_err(|error| Exit::usage(format!("--token-file {}: {error}", file.display())))
}

/// Whether to colour standard output, which is a terminal here.
fn colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::http::Bare;

/// Measures l0-runtime beside its services.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// Messages per drain
    #[arg(long, default_value_t = 200_000, value_name = "N")]
    orders: usize,
    /// Number of rounds; each measures every row once, and medians are shown
    #[arg(long, default_value_t = 5, value_name = "N")]
    rounds: usize,
    /// Three short rounds of 20,000 messages, for a quick look
    #[arg(long, conflicts_with_all = ["orders", "rounds"])]
    quick: bool,
    /// Only rows whose name begins with this
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Add a clean drain with this setting, for example `pipeline.workers=4`
    #[arg(long, value_name = "KEY=VALUE")]
    pub variant: Vec<String>,
    /// Add a clean drain by this binary
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,
    /// The binary to measure
    #[arg(long, default_value = "target/dist/l0-runtime", value_name = "FILE")]
    pub binary: PathBuf,
    /// Where to write all numbers as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Fail if a bar is missed; targets do not count
    #[arg(long, conflicts_with = "only")]
    pub strict: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer with a file over HTTP, in a separate process: hits are compared with it
    #[command(hide = true)]
    Serve { bare: Bare, file: PathBuf },
}

impl Cli {
    /// Messages per drain.
    pub fn orders(&self) -> usize {
        if self.quick { 20_000 } else { self.orders }
    }

    /// How often every row is measured.
    pub fn rounds(&self) -> usize {
        if self.quick { 3 } else { self.rounds.max(1) }
    }

    /// How many documents are posted and inserted: enough for seconds, with all rows in memory.
    pub fn posted(&self) -> usize {
        self.orders().min(40_000)
    }

    /// How many documents are stored, to be requested.
    pub fn stored(&self) -> usize {
        self.orders().div_ceil(2)
    }

    /// How long documents are requested, in whole seconds.
    pub fn window(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { 4 })
    }

    /// Whether a row is wanted.
    pub fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| row.starts_with(only.as_str()))
    }
}

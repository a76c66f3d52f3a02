use std::path::PathBuf;

use clap::Parser;

/// Measures l0-runtime beside its services.
#[derive(Debug, Parser)]
pub struct Cli {
    /// Messages per drain
    #[arg(long, default_value_t = 100_000, value_name = "N")]
    orders: usize,
    /// Rounds; every row is measured once in each, and medians are shown
    #[arg(long, default_value_t = 5, value_name = "N")]
    rounds: usize,
    /// Three rounds of 20,000, to try something
    #[arg(long, conflicts_with_all = ["orders", "rounds"])]
    quick: bool,
    /// Only rows whose name begins so
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// One more clean drain with this setting, for example `pipeline.workers=4`
    #[arg(long, value_name = "KEY=VALUE")]
    pub variant: Vec<String>,
    /// One more clean drain by this binary
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,
    /// The binary
    #[arg(long, default_value = "target/release/l0-runtime", value_name = "FILE")]
    pub binary: PathBuf,
    /// Where to write all numbers as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
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

    /// Whether a row is wanted.
    pub fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| row.starts_with(only.as_str()))
    }
}

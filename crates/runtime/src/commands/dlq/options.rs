//! The options of `dlq`, and the filter that its verbs share.

use std::num::NonZeroUsize;

use clap::{Args, Subcommand};
use l0_stage::time::OffsetDateTime;
use l0_stage::time::format_description::well_known::Rfc3339;

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// List letters, one per line, the oldest first: id, time, state, reason, key, detail
    List {
        /// Which letters
        #[command(flatten)]
        filter: Filter,
        /// Whose letters
        #[command(flatten)]
        owner: Owner,
        /// Show at most this many letters
        #[arg(long, default_value = "100", value_name = "N")]
        limit: NonZeroUsize,
        /// Show the newest first
        #[arg(long)]
        newest: bool,
    },
    /// Show a letter's reason and origin, and write its exact bytes to standard output
    Show {
        /// Id of the letter
        id: i64,
        /// Whose letters
        #[command(flatten)]
        owner: Owner,
    },
    /// Send letters through the present validation and the sink again
    Replay(Letters),
    /// Delete letters for good
    Purge(Letters),
}

impl Dlq {
    /// The pipeline whose letters are meant; `None` for the configured one.
    pub fn pipeline(&self) -> Option<&str> {
        let owner = match self {
            Self::List { owner, .. } | Self::Show { owner, .. } => owner,
            Self::Replay(letters) | Self::Purge(letters) => &letters.owner,
        };
        owner.pipeline.as_deref()
    }
}

/// Letters by id, or all that match a filter.
#[derive(Debug, Args)]
pub struct Letters {
    /// Ids of letters
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
    pub ids: Vec<i64>,
    /// All letters that match the filter
    #[arg(long)]
    pub all: bool,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Which letters
    #[command(flatten)]
    pub filter: Filter,
    /// Whose letters
    #[command(flatten)]
    pub owner: Owner,
}

/// Whose letters are meant.
#[derive(Debug, Args)]
pub struct Owner {
    /// Letters of this pipeline instead of the configured one; `''`: letters of older versions,
    /// which recorded no pipeline
    #[arg(long, value_name = "NAME")]
    pub pipeline: Option<String>,
}

/// Conditions that a letter must meet, all of them.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub struct Filter {
    /// Buried for this reason, for example `invalid_json` or `schema_violation`
    #[arg(long)]
    pub reason: Option<String>,
    /// Buried at or after this time (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub since: Option<OffsetDateTime>,
    /// Buried before this time (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub until: Option<OffsetDateTime>,
    /// The document has this key
    #[arg(long)]
    pub key: Option<String>,
    /// Include letters that were replayed or discarded
    #[arg(long)]
    pub decided: bool,
}

fn time(text: &str) -> Result<OffsetDateTime, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    time.map_err(|_| "write it like 2026-01-31T12:00:00Z".to_owned())
}

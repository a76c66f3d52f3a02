//! The section `[pipeline]`.

use std::num::NonZeroUsize;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// The name of the section of [`Settings`].
pub(crate) const SECTION: &str = "pipeline";

/// The shortest time that a drain may have. A source may need 2 s to end an open request, and a
/// worker 1 s more to finish its batch.
pub(crate) const SHORTEST_SHUTDOWN_SECS: u64 = 3;

/// `[pipeline]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Settings {
    /// Name of the pipeline. Its dead letters are stored under this name. A pipeline with another
    /// name does not find them.
    pub name: String,
    /// How many workers run at the same time. Each worker processes one batch at a time.
    #[serde(default = "default_workers")]
    pub workers: NonZeroUsize,
    /// Most documents in one batch.
    #[serde(default = "default_max_batch")]
    pub max_batch: NonZeroUsize,
    /// Largest document, in bytes.
    #[serde(default = "default_max_document_bytes")]
    pub max_document_bytes: NonZeroUsize,
    /// How long a drain may take, in seconds. Messages that are not finished by then are delivered
    /// again.
    #[serde(default = "default_shutdown_timeout_secs")]
    pub shutdown_timeout_secs: u64,
    /// What the log says about stored documents.
    #[serde(default)]
    pub log_stored: LogStored,
}

/// What the log says about stored documents. Rejected documents always have their own lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogStored {
    /// One line per batch. A small batch names the id and key of each document.
    #[default]
    Batches,
    /// One line with the counts for each minute in which messages came.
    Summary,
}

fn default_workers() -> NonZeroUsize {
    const { NonZeroUsize::new(10).unwrap() }
}

fn default_max_batch() -> NonZeroUsize {
    const { NonZeroUsize::new(500).unwrap() }
}

fn default_max_document_bytes() -> NonZeroUsize {
    const { NonZeroUsize::new(1 << 20).unwrap() }
}

fn default_shutdown_timeout_secs() -> u64 {
    25
}

impl Settings {
    pub(crate) fn shutdown_timeout(&self) -> Duration {
        Duration::from_secs(self.shutdown_timeout_secs)
    }
}

//! `[pipeline]`.

use std::num::NonZeroUsize;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// The section of [`Settings`].
pub(crate) const SECTION: &str = "pipeline";

/// The 2 s that a source may need to end an open request, and one to finish what it brought.
pub(crate) const SHORTEST_SHUTDOWN_SECS: u64 = 3;

/// `[pipeline]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Settings {
    /// Name of the pipeline. Dead letters belong to it: under another name they are another pipeline's.
    pub name: String,
    /// How many loops run at once.
    #[serde(default = "default_workers")]
    pub workers: NonZeroUsize,
    /// Most documents in one batch.
    #[serde(default = "default_max_batch")]
    pub max_batch: NonZeroUsize,
    /// Largest document, in bytes.
    #[serde(default = "default_max_document_bytes")]
    pub max_document_bytes: NonZeroUsize,
    /// How long a drain may take, in seconds; what is left then is delivered again.
    #[serde(default = "default_shutdown_timeout_secs")]
    pub shutdown_timeout_secs: u64,
    /// What the log says of stored documents.
    #[serde(default)]
    pub log_stored: LogStored,
}

/// What the log says of documents that went well; refused ones have lines of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogStored {
    /// A line for each batch, with the id and key of each document of a small one.
    #[default]
    Batches,
    /// A line for each minute in which something came, with the numbers of it.
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

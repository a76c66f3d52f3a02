//! How a pipeline is run.

use std::sync::{Arc, OnceLock};

use l0_stage::Source;

/// How to run.
#[derive(Clone, Default)]
pub struct Options {
    /// Whether an absent service is a failure at once. Otherwise the pipeline waits for it.
    pub fail_fast: bool,
    /// Whether the query stage ends too when the input has ended. Otherwise it goes on answering.
    pub exit_when_drained: bool,
    /// The name of the binary, for commands in the texts of `/readyz` and the page. Without it they
    /// are those of `l0-runtime`.
    pub program: Option<&'static str>,
    /// The connected source, for a caller that keeps a clone of this.
    pub source: SourceSlot,
}

/// Filled once the source has been connected.
pub type SourceSlot = Arc<OnceLock<Arc<dyn Source>>>;

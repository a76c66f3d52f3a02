//! The options of a run of a pipeline.

use std::sync::{Arc, OnceLock};

use l0_stage::Source;

/// How to run a pipeline: what to wait for, and when to stop.
#[derive(Clone, Default)]
pub struct Options {
    /// Whether the pipeline fails at once if a service cannot be reached. Otherwise the pipeline
    /// waits for the service.
    pub fail_fast: bool,
    /// Whether the query stage also stops when the input has ended. Otherwise it continues to
    /// answer requests.
    pub exit_when_drained: bool,
    /// The name of the binary, which the texts of `/readyz` and the page use in the commands that
    /// they quote. `None` stands for `l0-runtime`.
    pub program: Option<&'static str>,
    /// The connected source. A caller that keeps a clone of this slot can use the source during the
    /// run.
    pub source: SourceSlot,
}

/// A slot that is empty until the source has been connected.
pub type SourceSlot = Arc<OnceLock<Arc<dyn Source>>>;

//! How a pipeline is run.

use std::sync::{Arc, OnceLock};

use l0_stage::Source;

/// How to run.
#[derive(Clone, Default)]
pub struct Options {
    /// An absent service is a failure at once instead of a reason to wait.
    pub fail_fast: bool,
    /// When the input has ended the query stage ends too; else it goes on answering.
    pub exit_when_drained: bool,
    /// Where the source can be seen: keep a clone.
    pub source: SourceSlot,
}

/// Filled once the source has been connected.
pub type SourceSlot = Arc<OnceLock<Arc<dyn Source>>>;

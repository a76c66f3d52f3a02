//! The role `[query.*]`, and what its stage sees of the pipeline.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use crate::observe::{Instance, Readiness};
use crate::{Error, Reader, Stop};

/// Answers people and programs.
#[async_trait]
pub trait Query: Send {
    /// Answers requests until `stop`, then finishes the answers that it has begun.
    ///
    /// # Errors
    /// Any error stops the pipeline: it drains and exits.
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error>;
}

/// What the query stage may see of the pipeline and do in it.
#[derive(Clone)]
pub struct View {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Why the pipeline cannot work at present, if it cannot.
    pub readiness: Readiness,
    /// The instance that the stage belongs to.
    pub instance: Arc<dyn Instance>,
    reader: Arc<OnceLock<Arc<dyn Reader>>>,
}

impl View {
    /// A view whose reader is set once the sink is connected.
    #[must_use]
    pub fn new(
        pipeline: String,
        readiness: Readiness,
        reader: Arc<OnceLock<Arc<dyn Reader>>>,
        instance: Arc<dyn Instance>,
    ) -> Self {
        Self { pipeline, readiness, instance, reader }
    }

    /// The sink's reader. `None` until the sink is connected.
    #[must_use]
    pub fn reader(&self) -> Option<Arc<dyn Reader>> {
        self.reader.get().cloned()
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}

//! The role `[query.*]`, and the view of the pipeline that its stage gets.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use crate::observe::{Instance, Readiness};
use crate::{Error, Reader, Stop};

/// A stage that answers the requests of people and programs.
#[async_trait]
pub trait Query: Send {
    /// Answers requests until `stop` is requested, then finishes the answers that it has begun.
    ///
    /// # Errors
    /// Any error stops the pipeline: it drains and exits.
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error>;
}

/// What the query stage may see of its pipeline, and what it may do in it.
#[derive(Clone)]
pub struct View {
    /// The name of the pipeline.
    pub pipeline: String,
    /// The reasons why the pipeline cannot work at present. It is ready if there are none.
    pub readiness: Readiness,
    /// The running instance that this stage belongs to.
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

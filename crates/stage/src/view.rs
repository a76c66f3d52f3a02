use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{
    BuriedLetter, CountQueries, DeadLetters, Error, History, Reader, Readiness, Verdict, Vitals,
};

/// What the query stage may see of the pipeline, and do in it.
#[derive(Clone)]
pub struct View {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Why the pipeline cannot work at present, if so.
    pub readiness: Readiness,
    /// The instance that the stage belongs to.
    pub instance: Arc<dyn Instance>,
    reader: watch::Receiver<Option<Arc<dyn Reader>>>,
}

impl View {
    /// A view whose reader appears once the sink is connected.
    #[must_use]
    pub fn new(
        pipeline: String,
        readiness: Readiness,
        reader: watch::Receiver<Option<Arc<dyn Reader>>>,
        instance: Arc<dyn Instance>,
    ) -> Self {
        Self { pipeline, readiness, instance, reader }
    }

    /// The sink's reader; `None` until the sink has been connected.
    #[must_use]
    pub fn reader(&self) -> Option<Arc<dyn Reader>> {
        self.reader.borrow().clone()
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}

/// A running instance, as its query stage sees it and acts in it.
#[async_trait]
pub trait Instance: Send + Sync {
    /// The configured stages in the order of the flow.
    fn stages(&self) -> Vec<StageInfo>;

    /// What the configuration says, and where each value came from.
    fn settings(&self) -> Vec<Setting>;

    /// How it does.
    fn vitals(&self) -> Vitals;

    /// The query stage says once where its numbers in [`Vitals::queries`] come from.
    fn count_queries(&self, _count: CountQueries) {}

    /// How it did in the last five minutes.
    fn history(&self) -> History;

    /// The sink's dead letters; `None` until the sink has been connected, and where it keeps none or
    /// the configuration names no role for them.
    fn letters(&self) -> Option<Arc<dyn DeadLetters>>;

    /// Whether [`produce`](Self::produce) has a sample and a source that can be published to.
    fn can_produce(&self) -> bool;

    /// Publishes this many test documents; returns what is new in each.
    async fn produce(&self, count: usize) -> Result<Vec<String>, Error>;

    /// Whether this instance has all that a document passes on its way: one without a source may
    /// lack the validation.
    fn can_replay(&self) -> bool;

    /// Brings letters through the validation and the sink, and marks those whose documents are
    /// committed. One result per letter, in order.
    async fn replay(&self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error>;
}

/// A configured stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageInfo {
    /// The `source` of `[source.nats]`.
    pub role: &'static str,
    /// The `nats` of `[source.nats]`.
    pub kind: String,
    /// What it talks to, in one line.
    pub summary: String,
}

/// One value of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its path: `pipeline.workers`.
    pub key: String,
    /// The value as text; `None` when it is secret.
    pub value: Option<String>,
    /// Where it came from: `pipeline.toml:4`, `.env WORKER_QUANTITY`.
    pub origin: String,
}

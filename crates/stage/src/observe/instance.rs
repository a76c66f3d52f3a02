use std::sync::Arc;

use async_trait::async_trait;

use super::{CountQueries, History, Vitals};
use crate::letters::{BuriedLetter, DeadLetters};
use crate::{Error, Verdict};

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

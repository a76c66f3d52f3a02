use std::sync::Arc;

use async_trait::async_trait;

use super::{CountQueries, History, Vitals};
use crate::letters::{BuriedLetter, DeadLetters};
use crate::{Error, Verdict};

/// A running instance, as its query stage sees it and acts on it.
#[async_trait]
pub trait Instance: Send + Sync {
    /// The configured stages in the order of the flow.
    fn stages(&self) -> Vec<StageInfo>;

    /// The values of the configuration, and where each came from.
    fn settings(&self) -> Vec<Setting>;

    /// What the binary of the instance is called, for commands in texts.
    fn program(&self) -> &str {
        "l0-runtime"
    }

    /// The present numbers of the instance.
    fn vitals(&self) -> Vitals;

    /// Called once by the query stage: `count` provides [`Vitals::queries`].
    fn count_queries(&self, _count: CountQueries) {}

    /// The numbers of the last five minutes.
    fn history(&self) -> History;

    /// The sink's dead letters. `None` before the sink is connected, if it keeps none, or if the
    /// configuration names no role for them.
    fn letters(&self) -> Option<Arc<dyn DeadLetters>>;

    /// Whether [`produce`](Self::produce) has a sample, and a source that it can publish to.
    fn can_produce(&self) -> bool;

    /// Publishes this many test documents. Returns the new value in each.
    async fn produce(&self, count: usize) -> Result<Vec<String>, Error>;

    /// Whether this instance can replay letters. One without a source may lack the validation.
    fn can_replay(&self) -> bool;

    /// Sends letters through the validation and the sink, and marks those whose documents are
    /// committed. Returns one verdict per letter, in their order.
    async fn replay(&self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error>;
}

/// A configured stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageInfo {
    /// The `source` of `[source.nats]`.
    pub role: &'static str,
    /// The `nats` of `[source.nats]`.
    pub kind: String,
    /// The service that it talks to, in one line.
    pub summary: String,
}

/// One value of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its path: `pipeline.workers`.
    pub key: String,
    /// The value as text. `None` if it is secret.
    pub value: Option<String>,
    /// Where it came from: `pipeline.toml:4`, `.env WORKER_QUANTITY`.
    pub origin: String,
}

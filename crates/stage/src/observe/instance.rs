use std::sync::Arc;

use async_trait::async_trait;

use super::{CountQueries, History, Vitals};
use crate::letters::{BuriedLetter, DeadLetters};
use crate::{Error, Verdict};

/// The running instance: what its query stage may see of it, and the actions it may take.
#[async_trait]
pub trait Instance: Send + Sync {
    /// The configured stages, in the order in which a message passes them.
    fn stages(&self) -> Vec<StageInfo>;

    /// The values of the configuration, each with its origin.
    fn settings(&self) -> Vec<Setting>;

    /// The name of the running binary, which texts use in the commands that they quote.
    fn program(&self) -> &str {
        "l0-runtime"
    }

    /// The present numbers of the instance.
    fn vitals(&self) -> Vitals;

    /// Registers the function that provides [`Vitals::queries`]. The query stage calls this once.
    fn count_queries(&self, _count: CountQueries) {}

    /// The numbers of the last five minutes.
    fn history(&self) -> History;

    /// The sink's dead letters. `None` before the sink is connected, if the sink keeps no dead
    /// letters, or if the configuration names no role that may read them.
    fn letters(&self) -> Option<Arc<dyn DeadLetters>>;

    /// Whether [`produce`](Self::produce) can work: it needs a sample document, and a source that
    /// can publish.
    fn can_produce(&self) -> bool;

    /// Publishes `count` test documents, each with a new value in one field. Returns these values.
    async fn produce(&self, count: usize) -> Result<Vec<String>, Error>;

    /// Whether this instance can replay dead letters. An instance without a source cannot, because
    /// it may lack the validation stage.
    fn can_replay(&self) -> bool;

    /// Sends dead letters through the validation and the sink, and marks the letters whose
    /// documents are committed. Returns one verdict per letter, in the order of `letters`.
    async fn replay(&self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error>;
}

/// A configured stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageInfo {
    /// The role of the stage: the `source` of `[source.nats]`.
    pub role: &'static str,
    /// The kind of the stage: the `nats` of `[source.nats]`.
    pub kind: String,
    /// One line about the service that the stage talks to.
    pub summary: String,
}

/// One value of the effective configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The path of the key: `pipeline.workers`.
    pub key: String,
    /// The value as text. `None` if the value is secret.
    pub value: Option<String>,
    /// Where the value came from: `pipeline.toml:4`, `.env WORKER_QUANTITY`.
    pub origin: String,
}

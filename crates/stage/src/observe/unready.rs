use std::sync::Arc;

use time::OffsetDateTime;

use crate::Why;

/// One reason why the pipeline is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// The role that cannot work: `source`, `sink`, ...
    pub stage: &'static str,
    /// The kind of the stage: the `nats` of `[source.nats]`. `None` if the reason is not about a
    /// stage of the pipeline.
    pub kind: Option<Arc<str>>,
    /// The reason as a machine-readable code.
    pub why: Why,
    /// A message for people. It names the service, and never contains a secret.
    pub message: String,
    /// Since when the stage has not been able to work. The time stays if the reason changes
    /// meanwhile.
    pub since: OffsetDateTime,
}

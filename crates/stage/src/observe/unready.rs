use std::sync::Arc;

use time::OffsetDateTime;

use crate::Why;

/// One reason not to be ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// The role that cannot work: `source`, `sink`, ...
    pub stage: &'static str,
    /// The kind of the stage, the `nats` of `[source.nats]`. `None` if the report is not about a
    /// stage of the pipeline.
    pub kind: Option<Arc<str>>,
    /// Machine-readable reason.
    pub why: Why,
    /// A text for people. It names the service, and never contains a secret.
    pub message: String,
    /// Since when the stage cannot work, even if its reason has changed since.
    pub since: OffsetDateTime,
}

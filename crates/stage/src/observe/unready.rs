use time::OffsetDateTime;

use crate::Why;

/// One reason not to be ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// The role that cannot work: `source`, `sink`, ...
    pub stage: &'static str,
    /// Machine-readable reason.
    pub why: Why,
    /// For people; names the service, never a secret.
    pub message: String,
    /// Since when the stage cannot work, whatever other reasons it has had since.
    pub since: OffsetDateTime,
}

use std::collections::BTreeMap;
use std::time::Duration;

use super::Check;

/// What a stage found when it looked at itself and at what it talks to, for `l0-runtime doctor`; and
/// what only its neighbours can judge.
#[derive(Debug, Clone, Default)]
pub struct Examination {
    /// What was looked at, in the order in which a person asks.
    pub checks: Vec<Check>,
    /// Of a sink: the fields by which it finds documents, those with an index. Of a query stage: the
    /// fields that it was told to find them by. `None` while that is not known.
    pub fields: Option<Vec<String>>,
    /// Of a sink: fields that a finding of its own is about, so that they need no other.
    pub faulty: Vec<String>,
    /// Longest time that one call of the stage takes before it gives up.
    pub longest_call: Option<Duration>,
    /// Largest message that the service behind the stage takes, in bytes.
    pub largest_message: Option<usize>,
    /// Most bytes that the stage keeps in memory, by the key that limits them.
    pub memory: BTreeMap<&'static str, usize>,
}

impl From<Vec<Check>> for Examination {
    fn from(checks: Vec<Check>) -> Self {
        Self { checks, ..Self::default() }
    }
}

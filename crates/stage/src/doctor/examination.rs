use std::collections::BTreeMap;
use std::time::Duration;

use super::Check;

/// What a stage found when it examined itself and its service for `l0-runtime doctor`, and what the
/// engine needs to compare it with other stages.
#[derive(Debug, Clone, Default)]
pub struct Examination {
    /// The checks, in the order in which a person would make them.
    pub checks: Vec<Check>,
    /// Of a sink: the fields by which it finds documents, because they have an index. Of a query
    /// stage: the fields by which it is configured to find them. `None` if they are not known.
    pub fields: Option<Vec<String>>,
    /// Of a sink: fields with a finding of their own, which therefore need no second one.
    pub faulty: Vec<String>,
    /// The longest time after which a call of the stage gives up.
    pub longest_call: Option<Duration>,
    /// The largest message that the stage's service takes, in bytes.
    pub largest_message: Option<usize>,
    /// The most bytes that the stage keeps in memory, by the key that limits them.
    pub memory: BTreeMap<&'static str, usize>,
}

impl From<Vec<Check>> for Examination {
    fn from(checks: Vec<Check>) -> Self {
        Self { checks, ..Self::default() }
    }
}

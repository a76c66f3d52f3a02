use std::collections::BTreeMap;
use std::time::Duration;

use super::Check;

/// What a stage found when it examined itself and its service for `l0-runtime doctor`. It also has
/// the values that the engine compares between stages.
#[derive(Debug, Clone, Default)]
pub struct Examination {
    /// The results of the checks, in the order in which an operator would do the checks.
    pub checks: Vec<Check>,
    /// For a sink: the fields that have an index, by which it can find documents. For a query
    /// stage: the fields that its section names for the search. `None` if the fields are not known.
    pub fields: Option<Vec<String>>,
    /// For a sink: the fields about which it already reports a finding. The engine reports no
    /// second finding about them.
    pub faulty: Vec<String>,
    /// The longest timeout of any call of the stage.
    pub longest_call: Option<Duration>,
    /// The largest message that the stage's service accepts, in bytes.
    pub largest_message: Option<usize>,
    /// The most bytes that the stage keeps in memory, for each key of its section that sets such a
    /// limit.
    pub memory: BTreeMap<&'static str, usize>,
}

impl From<Vec<Check>> for Examination {
    fn from(checks: Vec<Check>) -> Self {
        Self { checks, ..Self::default() }
    }
}

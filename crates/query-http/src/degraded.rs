use serde::Serialize;

use crate::moment::Moment;

/// All codes there are.
pub(crate) const CODES: [&str; 3] = ["given_back", "buried", "kept_out"];

/// A rule of the database that refuses documents, or keeps parts of them out, while the pipeline works.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Degraded {
    code: &'static str,
    rule: String,
    messages: u64,
    since: Moment,
}

impl Degraded {
    /// Leaves its code alone.
    pub fn shorten(&mut self) {
        self.rule.clear();
    }
}

impl From<l0_stage::Degraded> for Degraded {
    fn from(degraded: l0_stage::Degraded) -> Self {
        let l0_stage::Degraded { what, rule, messages, since } = degraded;
        Self { code: what, rule, messages, since: Moment(since) }
    }
}

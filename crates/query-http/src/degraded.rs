use serde::Serialize;

use crate::moment::Moment;

/// Something that goes wrong while the pipeline works.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Degraded {
    code: &'static str,
    cause: String,
    messages: Option<u64>,
    since: Moment,
}

impl Degraded {
    /// Leaves its code alone.
    pub fn shorten(&mut self) {
        self.cause.clear();
    }
}

impl From<l0_stage::Degraded> for Degraded {
    fn from(degraded: l0_stage::Degraded) -> Self {
        let l0_stage::Degraded { symptom, cause, messages, since } = degraded;
        Self { code: symptom.as_str(), cause, messages, since: Moment(since) }
    }
}

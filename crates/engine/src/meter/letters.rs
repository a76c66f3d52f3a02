use std::collections::BTreeMap;

use l0_stage::{DeadLetter, Reason};

/// The number of dead letters of each reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letters(BTreeMap<Reason, u64>);

impl Default for Letters {
    /// Zero letters for each of the engine's reasons, so that `/metrics` shows a reason before its
    /// first letter.
    fn default() -> Self {
        Self(Reason::ALL.map(|reason| (reason, 0)).into())
    }
}

impl Letters {
    pub fn count(&mut self, letters: &[DeadLetter]) {
        letters.iter().for_each(|letter| self.add(letter.rejection.reason, 1));
    }

    pub fn add(&mut self, reason: Reason, letters: u64) {
        *self.0.entry(reason).or_default() += letters;
    }

    pub fn by_reason(&self) -> Vec<(Reason, u64)> {
        self.0.iter().map(|(reason, letters)| (*reason, *letters)).collect()
    }

    /// The most common reason of the letters that were counted after `before`.
    pub fn commonest_since(&self, before: &Self) -> Reason {
        let grown = |reason: &Reason| self.of(*reason) - before.of(*reason);
        self.0.keys().copied().max_by_key(grown).unwrap_or(Reason::InvalidJson)
    }

    fn of(&self, reason: Reason) -> u64 {
        self.0.get(&reason).copied().unwrap_or_default()
    }
}

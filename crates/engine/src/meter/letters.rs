use l0_stage::{DeadLetter, Reason};

/// The number of letters by reason, in the order of [`Reason::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Letters(pub [u64; Reason::ALL.len()]);

impl Letters {
    pub fn count(&mut self, letters: &[DeadLetter]) {
        for (reason, count) in Reason::ALL.iter().zip(&mut self.0) {
            let of_it = letters.iter().filter(|letter| letter.rejection.reason == *reason);
            *count += of_it.count() as u64;
        }
    }

    /// The commonest reason of the letters that came after `before`.
    pub fn commonest_since(&self, before: &Self) -> Reason {
        let grown = self.0.iter().zip(&before.0).map(|(now, before)| now - before);
        let most = Reason::ALL.into_iter().zip(grown).max_by_key(|(_, grown)| *grown);
        most.map_or(Reason::ALL[0], |(reason, _)| reason)
    }
}

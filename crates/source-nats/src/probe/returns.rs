use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Messages that this instance gave back to the server, so that its figures can be told from theirs.
#[derive(Clone, Default)]
pub(crate) struct Returns(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// By sequence, until they come again. Another instance may get them.
    pending: HashSet<u64>,
    figures: Figures,
}

/// Since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Given back: as many may have been delivered again.
    pub sent: u64,
    /// Delivered again to us: as many have been for certain.
    pub again: u64,
    /// Given back and not seen again.
    pub pending: u64,
}

/// Most that are remembered; more than may be given back at once.
const MOST: usize = 10_000;

impl Returns {
    /// The message is given back.
    pub fn gives(&self, sequence: u64) {
        let mut state = self.state();
        if state.pending.len() >= MOST {
            state.pending.clear();
        }
        state.figures.sent += 1;
        state.pending.insert(sequence);
    }

    /// The message was delivered.
    pub fn takes(&self, sequence: u64) {
        let mut state = self.state();
        if state.pending.remove(&sequence) {
            state.figures.again += 1;
        }
    }

    pub fn figures(&self) -> Figures {
        let state = self.state();
        Figures { pending: state.pending.len() as u64, ..state.figures }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

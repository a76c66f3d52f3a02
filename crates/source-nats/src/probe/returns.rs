use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The messages that this instance gave back to the server, so that their redeliveries can be told
/// from others.
#[derive(Clone, Default)]
pub(crate) struct Returns(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Their sequences, until they are delivered again. Another instance may receive them.
    pending: HashSet<u64>,
    figures: Figures,
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Given back. At most this many of them have been delivered again.
    pub sent: u64,
    /// Delivered again to this instance. At least this many have been delivered again.
    pub again: u64,
    /// Given back and not seen since.
    pub pending: u64,
}

/// The most that are remembered: more than may be given back at the same time.
const MOST: usize = 10_000;

impl Returns {
    /// Notes that the message is given back.
    pub fn gives(&self, sequence: u64) {
        let mut state = self.state();
        if state.pending.len() >= MOST {
            state.pending.clear();
        }
        state.figures.sent += 1;
        state.pending.insert(sequence);
    }

    /// Notes that the message was delivered.
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

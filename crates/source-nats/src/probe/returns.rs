use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The messages that this instance gave back to the server, so that their redeliveries can be
/// distinguished from other redeliveries.
#[derive(Clone, Default)]
pub(crate) struct Returns(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The sequences of messages that were given back and not delivered here again. Another
    /// instance may have received them.
    pending: HashSet<u64>,
    figures: Figures,
}

/// Counts of messages since the start of this instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Messages that were given back. At most this many have been delivered again.
    pub sent: u64,
    /// Messages that were given back and delivered to this instance again. Other instances may have
    /// received more.
    pub again: u64,
    /// Messages that were given back and not delivered to this instance since.
    pub pending: u64,
}

/// The most sequences that are remembered. It is more than can be given back at the same time.
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

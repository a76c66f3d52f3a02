use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use l0_stage::observe::{Worker, WorkerState};

/// What one worker does at present. Only that worker writes the slot. The low byte is the index of
/// the worker's state, the other bytes are the number of its messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot(pub(super) Arc<AtomicU64>);

impl Slot {
    /// Sets the number of messages that the worker is processing.
    pub fn holds(&self, documents: usize) {
        let state = self.0.load(Ordering::Relaxed) & 0xff;
        self.0.store(((documents as u64) << 8) | state, Ordering::Relaxed);
    }

    /// Sets the worker's state.
    pub fn enters(&self, state: WorkerState) {
        let number = WorkerState::ALL.iter().position(|it| *it == state).unwrap_or_default() as u64;
        let documents = self.0.load(Ordering::Relaxed) & !0xff;
        self.0.store(documents | number, Ordering::Relaxed);
    }

    pub(super) fn read(slot: &AtomicU64) -> Worker {
        let packed = slot.load(Ordering::Relaxed);
        let number = usize::try_from(packed & 0xff).unwrap_or_default();
        Worker { state: WorkerState::ALL[number % WorkerState::ALL.len()], documents: packed >> 8 }
    }
}

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use l0_stage::observe::{Worker, WorkerState};

/// Where one worker is, written by it alone: the place of its state among all in the low byte.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot(pub(super) Arc<AtomicU64>);

impl Slot {
    /// The worker takes messages into its hand, or lays them down.
    pub fn holds(&self, documents: usize) {
        let state = self.0.load(Ordering::Relaxed) & 0xff;
        self.0.store(((documents as u64) << 8) | state, Ordering::Relaxed);
    }

    /// The worker goes on to another place in the loop.
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

use std::sync::{Arc, Mutex, PoisonError};

use l0_stage::Counts;

/// Where every delivery went (invariant 7): delivered = stored + duplicate + buried + returned +
/// in hand, at every instant.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Counts>>);

/// The fate of one delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Stored,
    Duplicate,
    Buried,
}

impl Ledger {
    /// One consistent reading.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.with(|counts| *counts)
    }

    /// Takes deliveries into hand. What the returned hand still holds when it is dropped counts as
    /// returned.
    pub(crate) fn take(&self, deliveries: usize) -> Hand {
        let deliveries = deliveries as u64;
        self.with(|counts| {
            counts.delivered += deliveries;
            counts.in_hand += deliveries;
        });
        Hand { ledger: self.clone(), holds: deliveries }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Counts) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Deliveries that a worker answers for.
#[derive(Debug)]
pub(crate) struct Hand {
    ledger: Ledger,
    holds: u64,
}

impl Hand {
    /// Enters what was committed, all of it at once.
    pub fn settle(&mut self, fates: &[Fate]) {
        let holds = &mut self.holds;
        self.ledger.with(|counts| {
            for fate in fates {
                match fate {
                    Fate::Stored => counts.stored += 1,
                    Fate::Duplicate => counts.duplicate += 1,
                    Fate::Buried => counts.buried += 1,
                }
            }
            counts.in_hand -= fates.len() as u64;
            *holds -= fates.len() as u64;
        });
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let holds = self.holds;
        self.ledger.with(|counts| {
            counts.in_hand -= holds;
            counts.returned += holds;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_balances_at_every_step_and_a_dropped_hand_is_returned() {
        let ledger = Ledger::default();
        let mut hand = ledger.take(4);
        assert!(ledger.counts().balances());
        hand.settle(&[Fate::Stored, Fate::Duplicate, Fate::Buried]);
        assert_eq!(ledger.counts().in_hand, 1);
        assert!(ledger.counts().balances());
        drop(hand);
        let counts = ledger.counts();
        assert_eq!((counts.returned, counts.in_hand), (1, 0));
        assert!(counts.balances());
    }
}

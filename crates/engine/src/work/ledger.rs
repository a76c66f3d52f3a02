use std::sync::{Arc, Mutex, PoisonError};

use l0_stage::Verdict;
use l0_stage::observe::Counts;

/// Counts what became of every delivery. At every instant, delivered = stored + duplicate + buried
/// + returned + in hand (invariant 7).
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Counts>>);

impl Ledger {
    /// The present counts, read at one instant.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.with(|counts| *counts)
    }

    /// Counts new deliveries as delivered and in hand. When the result is dropped, its unsettled
    /// deliveries are counted as returned.
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

/// The number of deliveries that a worker is processing.
#[derive(Debug)]
pub(crate) struct Hand {
    ledger: Ledger,
    holds: u64,
}

impl Hand {
    /// Counts committed verdicts, all at the same instant.
    pub fn settle(&mut self, verdicts: &[Verdict]) {
        let holds = &mut self.holds;
        self.ledger.with(|counts| {
            for verdict in verdicts {
                match verdict {
                    Verdict::Stored { .. } => counts.stored += 1,
                    Verdict::Duplicate { .. } => counts.duplicate += 1,
                    Verdict::Buried(_) => counts.buried += 1,
                    Verdict::Returned(_) => counts.returned += 1,
                }
            }
            counts.in_hand -= verdicts.len() as u64;
            *holds -= verdicts.len() as u64;
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
    use std::time::Duration;

    use l0_stage::{Reason, Rejection};

    use super::*;

    #[test]
    fn the_ledger_balances_at_every_step_and_a_dropped_hand_is_returned() {
        let ledger = Ledger::default();
        let mut hand = ledger.take(5);
        assert!(ledger.counts().balances());
        let rejection = Rejection::new(Reason::InvalidJson, "");
        let (stored, duplicate) = (Verdict::Stored { id: 1 }, Verdict::Duplicate { id: 1 });
        let returned = Verdict::Returned(Duration::ZERO);
        hand.settle(&[stored, duplicate, Verdict::Buried(rejection), returned]);
        assert_eq!(ledger.counts().in_hand, 1);
        assert!(ledger.counts().balances());
        drop(hand);
        let counts = ledger.counts();
        assert_eq!((counts.returned, counts.in_hand), (2, 0));
        assert!(counts.balances());
    }
}

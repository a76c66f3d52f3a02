/// How many deliveries came to each end, counted since the start of the instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Deliveries that the source made.
    pub delivered: u64,
    /// Deliveries whose documents were committed as new.
    pub stored: u64,
    /// Deliveries whose documents are identical to a committed one.
    pub duplicate: u64,
    /// Deliveries that were committed as dead letters.
    pub buried: u64,
    /// Deliveries that the engine gave back or dropped unsettled. The source delivers their
    /// messages again.
    pub returned: u64,
    /// Deliveries that a worker is processing at present.
    pub in_hand: u64,
}

impl Counts {
    /// Whether the other counts add up to `delivered`, so that every delivery is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        let known = self.stored + self.duplicate + self.buried + self.returned + self.in_hand;
        self.delivered == known
    }
}

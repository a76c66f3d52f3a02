/// The counts of the ledger at one moment, in deliveries since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Delivered by the source.
    pub delivered: u64,
    /// Committed as new documents.
    pub stored: u64,
    /// Identical to a committed document.
    pub duplicate: u64,
    /// Committed as dead letters.
    pub buried: u64,
    /// Given back, or dropped unsettled: the source delivers them again.
    pub returned: u64,
    /// In the hands of a worker at present.
    pub in_hand: u64,
}

impl Counts {
    /// Whether every delivery is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        let known = self.stored + self.duplicate + self.buried + self.returned + self.in_hand;
        self.delivered == known
    }
}

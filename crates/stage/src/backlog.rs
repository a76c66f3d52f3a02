/// What the source still has to deliver, as its service said at the latest look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Messages that nobody has received yet.
    pub waiting: u64,
    /// Deliveries that are neither settled nor due again, of all instances together.
    pub in_flight: u64,
    /// Those of them that were delivered before.
    pub redelivered: u64,
    /// Messages that left the service before anybody had received them: purged, deleted, expired. A
    /// lower bound, never too high; the source's documentation says what it cannot see.
    pub removed_unseen: u64,
}

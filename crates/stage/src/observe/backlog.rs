use time::OffsetDateTime;

/// What the source still has to deliver, as its service said at the latest look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Messages that have not been received yet.
    pub waiting: u64,
    /// Deliveries that are neither settled nor due again, of all instances together.
    pub in_flight: u64,
    /// Those of them that were delivered before.
    pub redelivered: u64,
    /// Messages that left the service before they were received: purged, deleted, expired. A lower
    /// bound, never too high; the source's documentation says what it cannot see.
    pub removed_unseen: u64,
    /// When the oldest message was published that is not settled; `None` where there is none, or the
    /// source cannot tell.
    pub oldest: Option<OffsetDateTime>,
    /// When the service was looked at; `None` where the figures are of this moment.
    pub looked_at: Option<OffsetDateTime>,
}

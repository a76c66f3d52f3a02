use time::OffsetDateTime;

/// What the source still has to deliver, as its service reported it last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Messages that have not been received yet, and those that wait to be received again.
    pub waiting: u64,
    /// Deliveries of all instances that are neither settled nor due again.
    pub in_flight: u64,
    /// Those of them whose message had been delivered before.
    pub redelivered: u64,
    /// Messages that left the service before they were received: purged, deleted or expired. The
    /// number may be too low, never too high. The source's documentation says what it cannot see.
    pub removed_unseen: u64,
    /// When the oldest unsettled message was published. `None` if there is none, or the source does
    /// not know.
    pub oldest: Option<OffsetDateTime>,
    /// When the service reported it. `None` if the figures are of this moment.
    pub looked_at: Option<OffsetDateTime>,
}

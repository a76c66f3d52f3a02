use time::OffsetDateTime;

/// The messages that the source still has to deliver, as its service last reported them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Messages that have not been received yet, and those that wait to be received again.
    pub waiting: u64,
    /// Deliveries to all instances that are not settled yet, and whose messages are not due for
    /// redelivery.
    pub in_flight: u64,
    /// The part of [`in_flight`](Self::in_flight) whose messages had been delivered before.
    pub redelivered: u64,
    /// Messages that left the service before they were received: purged, deleted or expired. The
    /// number may be too low, but is never too high. The documentation of the source says which
    /// removals it cannot see.
    pub removed_unseen: u64,
    /// When the oldest unsettled message was published. `None` if every message is settled, or if
    /// the source does not know the time.
    pub oldest: Option<OffsetDateTime>,
    /// When the service reported these numbers. `None` if they are the numbers of this moment.
    pub looked_at: Option<OffsetDateTime>,
}

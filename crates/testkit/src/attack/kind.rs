use std::net::SocketAddr;

/// The token of both listeners, for the good client and for attacks that need it.
pub const TOKEN: &str = "door-keeper-door-keeper";

/// The two listeners of one instance.
#[derive(Debug, Clone, Copy)]
pub struct Doors {
    /// Of `[query.http]`.
    pub page: SocketAddr,
    /// Of `[source.http]`.
    pub ingest: SocketAddr,
}

/// One kind of attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Requests to the page that are never completed.
    HalfAtThePage,
    /// Requests to the ingest that are never completed.
    HalfAtTheIngest,
    /// Connections that stay open after their answer.
    Idle,
    /// As many event streams as one address may have.
    EventStreams,
    /// Large bodies of which only one byte arrives.
    SlowBodies,
    /// Guesses of the token.
    WrongTokens,
    /// Large answers that are not read.
    Unread,
    /// Bodies of as many lines as allowed, none of them a document.
    ManyLines,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::HalfAtThePage,
        Self::HalfAtTheIngest,
        Self::Idle,
        Self::EventStreams,
        Self::SlowBodies,
        Self::WrongTokens,
        Self::Unread,
        Self::ManyLines,
    ];
}

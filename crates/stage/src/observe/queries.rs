/// What was asked of a query stage, and what it keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Queries {
    /// Its cache of documents.
    pub cache: CacheFigures,
    /// Answers since the start, by the first digit of their status, 1 first.
    pub answers: [u64; 5],
    /// Requests with a wrong token.
    pub wrong_tokens: u64,
    /// Open connections.
    pub connections: usize,
    /// Open streams of events.
    pub event_streams: usize,
    /// Answers per second, the mean of the last second.
    pub requests_per_second: f64,
    /// The same of answers from the cache.
    pub hits_per_second: f64,
}

/// A cache and its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Most documents; 0 switches it off.
    pub capacity: usize,
    /// Documents in it.
    pub entries: usize,
    /// Most bytes of documents.
    pub max_bytes: usize,
    /// Bytes of documents in it.
    pub bytes: usize,
    /// Documents found in it, since the start.
    pub hits: u64,
    /// Documents not found there.
    pub misses: u64,
}

/// Where [`Vitals::queries`](super::Vitals::queries) comes from.
pub type CountQueries = Box<dyn Fn() -> Queries + Send + Sync>;

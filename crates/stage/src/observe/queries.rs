/// The numbers of a query stage and its cache.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Queries {
    /// Its document cache.
    pub cache: CacheFigures,
    /// Answers since the start, by the first digit of their status, beginning with 1.
    pub answers: [u64; 5],
    /// Requests with a wrong token.
    pub wrong_tokens: u64,
    /// Open connections.
    pub connections: usize,
    /// Open streams of events.
    pub event_streams: usize,
    /// Answers per second, as a mean over the last second.
    pub requests_per_second: f64,
    /// Answers from the cache per second, as a mean over the last second.
    pub hits_per_second: f64,
}

/// The figures of a cache, and its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// The most documents it may hold; 0 switches it off.
    pub capacity: usize,
    /// Documents in it.
    pub entries: usize,
    /// The most bytes of documents it may hold.
    pub max_bytes: usize,
    /// Bytes of documents in it.
    pub bytes: usize,
    /// Reads answered from it, since the start.
    pub hits: u64,
    /// Reads that it could not answer, since the start.
    pub misses: u64,
}

/// The function that provides [`Vitals::queries`](super::Vitals::queries).
pub type CountQueries = Box<dyn Fn() -> Queries + Send + Sync>;

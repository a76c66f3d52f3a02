/// The numbers that a query stage counts, and those of its document cache.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Queries {
    /// The numbers of the document cache.
    pub cache: CacheFigures,
    /// Answers since the start, by the first digit of their HTTP status. The first entry counts the
    /// statuses 1xx, the last one 5xx.
    pub answers: [u64; 5],
    /// Requests with a wrong bearer token since the start.
    pub wrong_tokens: u64,
    /// Open HTTP connections at present.
    pub connections: usize,
    /// Open streams of server-sent events at present.
    pub event_streams: usize,
    /// Answers per second, as a mean over the last second.
    pub requests_per_second: f64,
    /// Answers from the document cache per second, as a mean over the last second.
    pub hits_per_second: f64,
}

/// The numbers and the limits of the document cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// The most documents that the cache may hold. 0 switches the cache off.
    pub capacity: usize,
    /// Documents in the cache at present.
    pub entries: usize,
    /// The most bytes of documents that the cache may hold.
    pub max_bytes: usize,
    /// Bytes of the documents in the cache at present.
    pub bytes: usize,
    /// Reads that the cache answered, since the start.
    pub hits: u64,
    /// Reads that the cache could not answer, since the start.
    pub misses: u64,
}

/// The function that provides [`Vitals::queries`](super::Vitals::queries).
pub type CountQueries = Box<dyn Fn() -> Queries + Send + Sync>;

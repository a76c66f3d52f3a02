/// Distributions since the start.
#[derive(Debug, Clone, Default)]
pub struct Histograms {
    /// Documents per write.
    pub batch: Histogram,
    /// Seconds per write.
    pub write: Histogram,
    /// Seconds from publishing to the commit, per stored document.
    pub latency: Histogram,
}

/// A distribution as Prometheus counts it.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// How many values were at most this large: bound and cumulative count, in rising order.
    pub buckets: Vec<(f64, u64)>,
    /// Sum of all values.
    pub sum: f64,
    /// How many values there were.
    pub count: u64,
}

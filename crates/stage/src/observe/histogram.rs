/// The distributions that an instance measures since its start.
#[derive(Debug, Clone, Default)]
pub struct Histograms {
    /// Documents per write.
    pub batch: Histogram,
    /// Seconds per write.
    pub write: Histogram,
    /// Seconds from publishing to the commit of each stored document.
    pub latency: Histogram,
}

/// A distribution in the form of a Prometheus histogram.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// Pairs of an upper bound and the number of values at or below it, by rising bound. The counts
    /// are cumulative.
    pub buckets: Vec<(f64, u64)>,
    /// The sum of all values.
    pub sum: f64,
    /// The number of all values.
    pub count: u64,
}

/// The distributions that an instance measures since its start.
#[derive(Debug, Clone, Default)]
pub struct Histograms {
    /// The distribution of documents per write.
    pub batch: Histogram,
    /// The distribution of seconds per write.
    pub write: Histogram,
    /// The distribution of seconds from publishing to the commit of a document.
    pub latency: Histogram,
}

/// A distribution in the form of a Prometheus histogram.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// Pairs of an upper bound and the number of values at or below it, by rising bound. The counts
    /// are cumulative.
    pub buckets: Vec<(f64, u64)>,
    /// The sum of all counted values.
    pub sum: f64,
    /// The number of all counted values.
    pub count: u64,
}

//! Counts values in buckets, and computes quantiles from the counts.

use std::sync::LazyLock;

use l0_stage::observe::Histogram;

/// The steps of the Renard series R10 (ISO 3). Each step is about a quarter larger than the step
/// before, so a quantile is wrong by at most a quarter.
const STEPS: [&str; 10] = ["1", "1.25", "1.6", "2", "2.5", "3.2", "4", "5", "6.3", "8"];
/// The indexes of the steps that `/metrics` shows: 1, 2 and 5.
const SHOWN: [usize; 3] = [0, 3, 7];

/// Bounds for times in seconds: from 100 µs to 80 s.
pub(super) static SECONDS: LazyLock<Vec<f64>> = LazyLock::new(|| bounds(-4..2));
/// Bounds for numbers of documents: from 1 to 80,000.
pub(super) static DOCUMENTS: LazyLock<Vec<f64>> = LazyLock::new(|| bounds(0..5));

fn bounds(decades: std::ops::Range<i32>) -> Vec<f64> {
    let texts = decades.flat_map(|decade| STEPS.map(|step| format!("{step}e{decade}")));
    texts.filter_map(|text| text.parse().ok()).collect()
}

/// The number of values between each two bounds. The last number counts the values above all
/// bounds.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    bounds: &'static [f64],
    counts: Vec<u64>,
    sum: f64,
}

impl Buckets {
    pub fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    pub fn add(&mut self, value: f64) {
        self.counts[self.bounds.partition_point(|bound| *bound < value)] += 1;
        self.sum += value;
    }

    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.sum = 0.0;
    }

    pub fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self.sum += other.sum;
    }

    /// The largest bound. All values above it are counted together.
    pub fn longest(&self) -> f64 {
        self.bounds.last().copied().unwrap_or_default()
    }

    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The quantile for a share: the value that this share of all values does not exceed. It is
    /// interpolated linearly between two bounds.
    #[allow(clippy::cast_precision_loss, reason = "counts of a minute are far below 2^52")]
    pub fn quantile(&self, share: f64) -> f64 {
        let rank = share * self.count() as f64;
        let mut below = 0.0;
        for (at, count) in self.counts.iter().enumerate() {
            let count = *count as f64;
            if count > 0.0 && below + count >= rank {
                let lower = at.checked_sub(1).map_or(0.0, |at| self.bounds[at]);
                let upper = self.bounds.get(at).copied().unwrap_or(lower);
                return lower + (upper - lower) * ((rank - below) / count);
            }
            below += count;
        }
        0.0
    }

    pub fn shown(&self) -> Histogram {
        let mut count = 0;
        let mut buckets = Vec::new();
        for (at, bound) in self.bounds.iter().enumerate() {
            count += self.counts[at];
            if SHOWN.contains(&(at % STEPS.len())) {
                buckets.push((*bound, count));
            }
        }
        Histogram { buckets, sum: self.sum, count: self.count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_lies_between_the_bounds_of_its_bucket() {
        let mut buckets = Buckets::new(&SECONDS);
        assert!(buckets.quantile(0.5).abs() < f64::EPSILON, "of nothing");
        for millis in 1..=1000 {
            buckets.add(f64::from(millis) / 1000.0);
        }
        for (share, expected) in [(0.5, 0.5), (0.95, 0.95), (0.99, 0.99)] {
            let found = buckets.quantile(share);
            assert!((found / expected - 1.0).abs() < 0.25, "{share}: {found}");
        }
        buckets.add(1e9);
        assert!((buckets.quantile(1.0) - 80.0).abs() < 1e-9, "above all bounds: the last one");
    }

    #[test]
    fn shown_buckets_are_cumulative_and_their_bounds_are_short() {
        let mut buckets = Buckets::new(&SECONDS);
        [0.0001, 0.0011, 0.003, 0.003, 500.0].iter().for_each(|value| buckets.add(*value));
        let Histogram { buckets, count, .. } = buckets.shown();
        let at = |bound: &str| buckets.iter().find(|it| it.0.to_string() == bound).map(|it| it.1);
        assert_eq!(buckets.len(), 18);
        assert_eq!(
            (at("0.0001"), at("0.002"), at("0.005"), at("50")),
            (Some(1), Some(2), Some(4), Some(4))
        );
        assert_eq!(count, 5);
    }
}

//! The measurements of the last minute, in one entry per second.

use std::time::Duration;

use l0_stage::observe::Latency;

use super::buckets::{Buckets, SECONDS};

/// The length of the window for means and quantiles, in seconds.
const SPAN: u64 = 60;

/// The measurements of the last minute, second by second.
#[derive(Debug)]
pub(super) struct Window(Vec<Second>);

/// The measurements of one second, or the sum of several seconds.
#[derive(Debug)]
pub(super) struct Second {
    at: u64,
    pub checked: u64,
    pub checking: Duration,
    pub writes: u64,
    pub written: u64,
    pub writing: Duration,
    pub latency: Buckets,
    /// Documents whose time of publishing is later than the time at which they were stored, because
    /// clocks differ.
    pub early: u64,
}

impl Window {
    pub fn new() -> Self {
        Self((0..SPAN).map(|_| Second::new()).collect())
    }

    /// The entry for the second `at`, counted from the start. If the entry holds an older second,
    /// it is cleared.
    pub fn second(&mut self, at: u64) -> &mut Second {
        let place = usize::try_from(at % SPAN).unwrap_or_default();
        let second = &mut self.0[place];
        if second.at != at {
            second.clear(at);
        }
        second
    }

    /// The sum of the minute that ends with the second `now`.
    pub fn sum(&self, now: u64) -> Second {
        let mut sum = Second::new();
        let recent = self.0.iter().filter(|second| second.at + SPAN > now && second.at <= now);
        recent.for_each(|second| sum.merge(second));
        sum
    }
}

impl Second {
    fn new() -> Self {
        Self {
            at: 0,
            checked: 0,
            checking: Duration::ZERO,
            writes: 0,
            written: 0,
            writing: Duration::ZERO,
            latency: Buckets::new(&SECONDS),
            early: 0,
        }
    }

    fn clear(&mut self, at: u64) {
        (self.at, self.checked, self.writes, self.written, self.early) = (at, 0, 0, 0, 0);
        (self.checking, self.writing) = (Duration::ZERO, Duration::ZERO);
        self.latency.clear();
    }

    fn merge(&mut self, other: &Self) {
        self.checked += other.checked;
        self.checking += other.checking;
        self.writes += other.writes;
        self.written += other.written;
        self.writing += other.writing;
        self.latency.merge(&other.latency);
        self.early += other.early;
    }

    pub fn latency(&self) -> Option<Latency> {
        let documents = self.latency.count();
        let millis = |share| self.latency.quantile(share) * 1000.0;
        let latency = || Latency {
            documents,
            early: self.early,
            longest: self.latency.longest() * 1000.0,
            p50: millis(0.5),
            p95: millis(0.95),
            p99: millis(0.99),
        };
        (documents > 0).then(latency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_a_minute_is_forgotten() {
        let mut window = Window::new();
        window.second(0).writes += 1;
        window.second(59).writes += 2;
        assert_eq!(window.sum(59).writes, 3);
        assert_eq!(window.sum(60).writes, 2);
        window.second(60).writes += 4;
        assert_eq!(window.sum(60).writes, 6);
        assert_eq!(window.sum(200).writes, 0);
    }
}

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_http::Connections;
use warp::http::StatusCode;

/// Counts of requests to the listener since the start.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// Answers by the first digit of their status.
    classes: [AtomicU64; 5],
    pub connections: Connections,
    last_second: Mutex<Second>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    ended: Option<Instant>,
    requests: u64,
    hits: u64,
    rates: (f64, f64),
}

impl Traffic {
    pub fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).wrapping_sub(1);
        if let Some(count) = self.classes.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Answers by the first digit of their status, 1 first.
    pub fn classes(&self) -> [u64; 5] {
        self.classes.each_ref().map(|count| count.load(Ordering::Relaxed))
    }

    pub fn requests(&self) -> u64 {
        self.classes().iter().sum()
    }

    /// Answers per second, and cache hits per second, in the last second.
    pub fn rates(&self) -> (f64, f64) {
        self.with(|second| second.rates)
    }

    /// Ends a second.
    pub fn sample(&self, hits: u64) {
        let (now, requests) = (Instant::now(), self.requests());
        self.with(|second| {
            let took = second.ended.map(|ended| now.duration_since(ended));
            let rates = took.map_or((0.0, 0.0), |took| {
                (per_second(requests - second.requests, took), per_second(hits - second.hits, took))
            });
            *second = Second { ended: Some(now), requests, hits, rates };
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Second) -> T) -> T {
        act(&mut self.last_second.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[allow(clippy::cast_precision_loss, reason = "what happens in a second is far below 2^52")]
fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(f64::MIN_POSITIVE)
}

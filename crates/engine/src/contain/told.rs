//! Remembers which panics were logged.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a panic at the same place is logged.
const AGAIN: Duration = Duration::from_secs(3600);

/// The most places that are remembered. Panics at further places are not logged.
const MOST: usize = 100;

static TOLD: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

/// Whether this panic was not logged within the last hour. If so, the caller must log it, because
/// it counts as logged from now on.
pub(super) fn is_news(panicked: &str) -> bool {
    let (mut told, now) = (TOLD.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
    told.retain(|_, at| now.duration_since(*at) < AGAIN);
    if told.contains_key(panicked) || told.len() >= MOST {
        return false;
    }
    told.insert(panicked.to_owned(), now);
    true
}

//! Which panics the log has told of.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A place is told again after so long.
const AGAIN: Duration = Duration::from_secs(3600);

/// Most places that are remembered; further ones are not told.
const MOST: usize = 100;

static TOLD: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

/// Whether this has not been told within the last hour; it counts as told now.
pub(super) fn is_news(panicked: &str) -> bool {
    let (mut told, now) = (TOLD.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
    told.retain(|_, at| now.duration_since(*at) < AGAIN);
    if told.contains_key(panicked) || told.len() >= MOST {
        return false;
    }
    told.insert(panicked.to_owned(), now);
    true
}

//! Gives freed memory back to the system.
//!
//! glibc returns memory only from the ends of its heaps. After many clients have gone, their memory
//! stays resident, because a few live allocations lie behind it in the heap.

use std::time::Duration;

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;

/// Time between two measurements of the process's memory.
const EVERY: Duration = Duration::from_secs(10);
/// If memory grew by no more than this, it is not trimmed: a walk through the heaps takes
/// milliseconds.
const SMALL: u64 = 8 * 1024 * 1024;

/// Watches the memory of this process until the result is dropped.
pub fn keep_small() -> JoinSet<()> {
    let mut looking = JoinSet::new();
    if cfg!(target_env = "gnu") {
        looking.spawn(look());
    }
    looking
}

async fn look() {
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks.tick().await;
    let mut least = u64::MAX;
    while let Some(before) = l0_observe::resident_bytes() {
        if before > least.saturating_add(SMALL) || least == u64::MAX {
            if spawn_blocking(trim).await.is_err() {
                return;
            }
            let after = l0_observe::resident_bytes().unwrap_or(before);
            debug!(before, after, "freed memory was given back");
            least = least.min(after);
        }
        looks.tick().await;
    }
}

#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "no crate offers a safe malloc_trim")]
fn trim() {
    // SAFETY: `malloc_trim` takes a number, and locks each heap while it walks it.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(target_env = "gnu"))]
fn trim() {}

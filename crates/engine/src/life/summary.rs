//! Logs one line per minute with the counts of stored, duplicate, buried and returned messages.

use std::sync::Arc;
use std::time::Duration;

use l0_stage::observe::Counts;
use tokio::time::interval;
use tracing::info;

use super::instance::RunningInstance;

/// The time between two log lines.
const EVERY: Duration = Duration::from_secs(60);

/// Logs once a minute how many messages came to each end, until the future is dropped. A minute
/// without messages gets no line.
pub(crate) async fn keep(instance: Arc<RunningInstance>) {
    let mut minute = interval(EVERY);
    let mut before = Counts::default();
    loop {
        minute.tick().await;
        let now = instance.ledger.counts();
        if let Some(Counts { stored, duplicate, buried, returned, in_hand, .. }) =
            since(before, now)
        {
            let backlog = instance.source.get().and_then(|source| source.backlog());
            let waiting = backlog.map(|backlog| backlog.waiting);
            info!(stored, duplicate, buried, returned, in_hand, waiting, "in the last minute");
        }
        before = now;
    }
}

/// The counts of messages that were settled between two readings. `None` if there were no such
/// messages.
fn since(before: Counts, now: Counts) -> Option<Counts> {
    let passed = Counts {
        delivered: now.delivered - before.delivered,
        stored: now.stored - before.stored,
        duplicate: now.duplicate - before.duplicate,
        buried: now.buried - before.buried,
        returned: now.returned - before.returned,
        in_hand: now.in_hand,
    };
    let Counts { stored, duplicate, buried, returned, .. } = passed;
    (stored + duplicate + buried + returned > 0).then_some(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_in_which_nothing_was_settled_has_no_line() {
        let before =
            Counts { delivered: 9, stored: 5, duplicate: 2, in_hand: 2, ..Counts::default() };
        assert_eq!(since(before, Counts { delivered: 12, in_hand: 5, ..before }), None);
        let now = Counts { delivered: 12, stored: 8, in_hand: 2, ..before };
        let passed = Counts { delivered: 3, stored: 3, in_hand: 2, ..Counts::default() };
        assert_eq!(since(before, now), Some(passed));
    }
}

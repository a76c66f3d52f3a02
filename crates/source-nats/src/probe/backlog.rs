use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::jetstream::{consumer, stream};
use l0_stage::Error;
use l0_stage::observe::Backlog;
use l0_stage::time::OffsetDateTime;
use tokio::time::Instant;

use super::hindrance::Hindrance;
use super::returns::Figures;
use crate::jetstream::durable_config::filters;
use crate::jetstream::start::Start;
use crate::jetstream::subject;

/// Stream and durable as one look found them. They are read one after the other, because the server
/// has no request for both.
pub(crate) struct Look {
    pub before: consumer::Info,
    pub stream: stream::Info,
    pub after: consumer::Info,
    /// What this instance had given back before the first request and after the last one.
    pub returns: [Figures; 2],
}

/// Messages that left the stream before they were delivered, as far as one look can tell.
pub(crate) fn removed_unseen(look: &Look) -> u64 {
    Unseen::default().note(look)
}

/// The latest known figures of the backlog.
#[derive(Default)]
pub(crate) struct Board(Mutex<State>);

#[derive(Default)]
struct State {
    latest: Option<Backlog>,
    unseen: Unseen,
    hindrance: Hindrance,
}

impl Board {
    pub fn latest(&self) -> Option<Backlog> {
        self.state().latest
    }

    /// The error for a worker that receives nothing, if the last look tells why.
    pub fn hindrance(&self, doing: &str) -> Option<Error> {
        self.state().hindrance.error(doing)
    }

    pub fn look_again(&self, durable: &consumer::Info) {
        self.state().hindrance.note(durable, Instant::now());
    }

    /// Notes that this user may no longer read stream and durable. Messages still arrive, but the
    /// source cannot check before an ack that the stream is still the same.
    pub fn denied(&self, text: String) {
        self.state().hindrance.denied = Some(text);
    }

    pub fn note(&self, look: &Look) {
        let mut state = self.state();
        state.hindrance.denied = None;
        state.hindrance.last_sequence = look.stream.state.last_sequence;
        state.hindrance.note(&look.after, Instant::now());
        let more = state.unseen.note(look);
        if more > 0 {
            let (stream, messages) = (&look.stream.config.name, more);
            tracing::warn!(stream, messages, "messages left the stream before they were delivered");
        }
        let oldest = state.latest.and_then(|before| before.oldest);
        state.latest = Some(Backlog {
            waiting: look.after.num_pending,
            in_flight: u64::try_from(look.after.num_ack_pending)
                .unwrap_or(u64::MAX)
                .saturating_sub(look.returns[1].pending),
            redelivered: u64::try_from(look.after.num_redelivered).unwrap_or(u64::MAX),
            removed_unseen: state.unseen.removed,
            oldest: oldest.filter(|_| is_open(&look.after)),
            looked_at: Some(OffsetDateTime::now_utc()),
        });
    }

    /// Adds to the latest figures when the oldest unsettled message was published.
    pub fn note_oldest(&self, oldest: Option<OffsetDateTime>) {
        if let Some(latest) = &mut self.state().latest {
            latest.oldest = oldest;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts messages that were removed before they were delivered.
///
/// Every sequence that the stream has given is waiting, was delivered, or is missing: `missing =
/// last sequence - deliveries - waiting`. Only removals increase it. Every attempt counts as a
/// delivery, so redeliveries decrease it, and may hide as many removals between the same two looks.
/// Redeliveries of messages that this instance gave back are known, and hide none.
///
/// A message that is published between two requests must not count as missing. So the least that
/// can be missing now is compared with the most that may have been missing before.
#[derive(Default)]
struct Unseen {
    durable: Option<OffsetDateTime>,
    /// The missing messages that were counted already.
    accounted: i128,
    removed: u64,
    /// The messages that this instance had given back when the durable was first seen.
    before: Figures,
}

impl Unseen {
    /// How many messages are missing now that were not missing before.
    fn note(&mut self, look: &Look) -> u64 {
        let Look { before, stream, after, returns } = look;
        if before.created != after.created {
            return 0;
        }
        let takes_all = takes_all(&after.config, &stream.config);
        // If the stream has other subjects too, only a decreasing number of messages is noticed.
        let last = if takes_all { i128::from(stream.state.last_sequence) } else { 0 };
        if self.durable != Some(after.created) {
            self.before = returns[0];
        }
        let again = returns[0].again.saturating_sub(self.before.again);
        let sent = returns[1].sent.saturating_sub(self.before.sent);
        let at_most = last - taken_and_waiting(before) + i128::from(sent);
        let at_least = last - taken_and_waiting(after) + i128::from(again);
        if self.durable != Some(after.created) {
            self.durable = Some(after.created);
            self.accounted = if takes_all { at_first(after) } else { at_most };
        }
        let more = u64::try_from(at_least - self.accounted).unwrap_or(0);
        self.accounted = self.accounted.max(at_least).min(at_most.max(at_least));
        self.removed += more;
        more
    }
}

/// The most that may have been missing before the first look. Messages missing after the durable's
/// position were never delivered, unless they were missing when it was created. Below its position,
/// only the note from its creation distinguishes them from messages of other subjects. Redeliveries
/// hide them.
fn at_first(durable: &consumer::Info) -> i128 {
    let position = durable.delivered;
    let skipped = i128::from(position.stream_sequence) - i128::from(position.consumer_sequence);
    match Start::of(&durable.config) {
        None => skipped,
        Some(start) if position.stream_sequence < start.last => i128::from(start.missing),
        Some(start) => skipped.min(i128::from(start.missing)),
    }
}

fn taken_and_waiting(durable: &consumer::Info) -> i128 {
    i128::from(durable.delivered.consumer_sequence) + i128::from(durable.num_pending)
}

/// Whether the durable takes every message of the stream.
pub(crate) fn takes_all(durable: &consumer::Config, stream: &stream::Config) -> bool {
    let filters = filters(durable);
    let is_covered = |taken: &String| filters.iter().any(|filter| subject::covers(filter, taken));
    let has_others = stream.mirror.is_some() || stream.sources.is_some();
    let renames = stream.subject_transform.is_some();
    filters.contains(&">") || !(has_others || renames) && stream.subjects.iter().all(is_covered)
}

/// Whether a message of the durable waits or is unsettled.
pub(crate) fn is_open(durable: &consumer::Info) -> bool {
    durable.num_pending > 0 || durable.num_ack_pending > 0
}

#[cfg(test)]
mod tests {
    use l0_stage::serde_json::{self, json};

    use super::*;

    /// Of a durable: its position in the stream, the number of its deliveries, and of its waiting
    /// messages.
    type Seen = (u64, u64, u64);

    fn durable((position, deliveries, waiting): Seen) -> consumer::Info {
        let sequences = json!({ "stream_seq": position, "consumer_seq": deliveries });
        let info = json!({
            "stream_name": "S", "name": "D", "created": "2026-01-01T00:00:00Z",
            "config": { "metadata": { "l0_missing_of": "0 0" }, "deliver_policy": "all",
                "ack_policy": "explicit", "replay_policy": "instant" },
            "delivered": sequences, "ack_floor": sequences, "num_ack_pending": 0,
            "num_redelivered": 0, "num_waiting": 0, "num_pending": waiting,
        });
        serde_json::from_value(info).expect("consumer")
    }

    fn look(before: Seen, last_sequence: u64, after: Seen) -> Look {
        let stream = json!({
            "config": { "name": "S", "subjects": ["s"], "retention": "workqueue",
                "max_consumers": -1, "max_msgs": -1, "max_bytes": -1, "discard": "new",
                "max_age": 0, "storage": "file", "num_replicas": 1 },
            "created": "2026-01-01T00:00:00Z", "ts": "2026-01-01T00:00:00Z",
            "state": { "messages": 0, "bytes": 0, "first_seq": 0, "last_seq": last_sequence,
                "first_ts": "2026-01-01T00:00:00Z", "last_ts": "2026-01-01T00:00:00Z",
                "consumer_count": 1 },
        });
        let stream = serde_json::from_value(stream).expect("stream");
        let returns = [Figures::default(); 2];
        Look { before: durable(before), stream, after: durable(after), returns }
    }

    fn counted(looks: &[(Seen, u64, Seen)]) -> u64 {
        let mut unseen = Unseen::default();
        looks.iter().for_each(|(before, last, after)| {
            unseen.note(&look(*before, *last, *after));
        });
        unseen.removed
    }

    #[test]
    fn what_is_neither_waiting_nor_delivered_was_removed() {
        let calm = |seen: Seen, last| (seen, last, seen);
        assert_eq!(counted(&[calm((0, 0, 10), 10), calm((4, 4, 6), 10)]), 0);
        // Purged: the durable skips them. Expired: they are missing after its position. Each counts
        // once.
        assert_eq!(counted(&[calm((4, 4, 6), 10), calm((10, 4, 0), 10)]), 6);
        assert_eq!(counted(&[calm((4, 4, 2), 10), calm((10, 6, 0), 10)]), 4);
    }

    #[test]
    fn what_is_published_between_two_requests_is_not_missing() {
        let looks = [
            ((0, 0, 10), 15, (0, 0, 20)),
            ((0, 0, 20), 20, (0, 0, 20)),
            ((20, 20, 0), 25, (21, 21, 9)),
            ((30, 30, 0), 30, (30, 30, 0)),
        ];
        assert_eq!(counted(&looks), 0);
    }

    #[test]
    fn a_message_that_is_given_back_is_neither_a_removal_nor_hides_one() {
        let (calm, none) = (|seen: Seen, last| look(seen, last, seen), Figures::default());
        let sent = Figures { sent: 3, pending: 3, again: 0 };
        let again = Figures { sent: 3, pending: 0, again: 3 };
        let mut unseen = Unseen::default();
        let mut note = |seen, last, returns| unseen.note(&Look { returns, ..calm(seen, last) });
        assert_eq!(note((10, 10, 0), 10, [none; 2]), 0);
        // Delivered again: the first look does not see it, the second does.
        assert_eq!(note((10, 13, 0), 10, [sent; 2]), 0);
        assert_eq!(note((10, 13, 0), 10, [again; 2]), 0);
        // Two more were published and purged.
        assert_eq!(note((10, 13, 0), 12, [again; 2]), 2);
    }

    #[test]
    fn redeliveries_hide_no_removal_of_another_time() {
        let calm = |seen: Seen, last| (seen, last, seen);
        let looks = [calm((4, 4, 6), 10), calm((4, 8, 6), 10), calm((10, 8, 0), 10)];
        assert_eq!(counted(&looks), 6);
        // Even those from before the first look count, if they are after the durable's position.
        assert_eq!(counted(&[calm((4, 8, 1), 10)]), 5);
    }
}

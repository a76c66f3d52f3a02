//! Why no messages arrive although some wait, as far as looks at stream and durable tell.

use std::time::Duration;

use async_nats::jetstream::consumer::Info;
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Why};
use tokio::time::Instant;

use crate::failure::told;

/// After this long without a delivery or an ack while messages wait, the source reports a problem.
const STILL: Duration = Duration::from_secs(60);

/// What the looks at stream and durable have found so far.
#[derive(Default)]
pub(crate) struct Hindrance {
    /// The last sequence of the stream.
    pub last_sequence: u64,
    /// Why this user may not read stream and durable.
    pub denied: Option<String>,
    found: Option<(Why, String)>,
    moved: Option<(Instant, Figures)>,
}

/// The figures that change with every delivery and every ack.
#[derive(PartialEq, Eq)]
struct Figures {
    delivered: u64,
    acked: u64,
    open: usize,
}

impl Hindrance {
    /// The error for a worker that receives nothing.
    pub fn error(&self, doing: &str) -> Option<Error> {
        if let Some(text) = &self.denied {
            return Some(Error::retryable(Why::Denied, anyhow!(text.clone())));
        }
        let (why, text) = self.found.as_ref()?;
        Some(told(*why, doing, text))
    }

    pub fn note(&mut self, durable: &Info, now: Instant) {
        let still = self.still(durable, now);
        self.found = paused(durable).or_else(|| stalled(durable, still));
    }

    /// Whether messages wait. The server's count alone is not enough, because it may include
    /// messages that are gone.
    fn waits(&self, durable: &Info) -> bool {
        durable.num_pending > 0 && durable.delivered.stream_sequence < self.last_sequence
    }

    /// How long ago the figures last changed.
    fn still(&mut self, durable: &Info, now: Instant) -> Duration {
        let figures = Figures {
            delivered: durable.delivered.consumer_sequence,
            acked: durable.ack_floor.consumer_sequence,
            open: durable.num_ack_pending,
        };
        match &self.moved {
            Some((since, before)) if *before == figures && self.waits(durable) => now - *since,
            _ => {
                self.moved = Some((now, figures));
                Duration::ZERO
            }
        }
    }
}

pub(crate) fn paused(durable: &Info) -> Option<(Why, String)> {
    let Info { stream_name: stream, name, .. } = durable;
    let until = durable.config.pause_until.filter(|_| durable.paused)?;
    let text = format!(
        "durable `{name}` is paused until {until}: `nats consumer resume {stream} {name}` ends it"
    );
    Some((Why::Paused, text))
}

fn stalled(durable: &Info, still: Duration) -> Option<(Why, String)> {
    let Info { name, num_pending: waiting, num_ack_pending: open, config, .. } = durable;
    let seconds = still.as_secs();
    let text = format!(
        "{waiting} messages wait, and durable `{name}` has delivered none for {seconds} s: {open} of \
         max_ack_pending {} deliveries wait for an acknowledgement",
        config.max_ack_pending
    );
    (still >= STILL).then_some((Why::Stalled, text))
}

#[cfg(test)]
mod tests {
    use l0_stage::serde_json::{self, Value, json};

    use super::*;

    fn durable(delivered: u64, waiting: u64, more: &Value) -> Info {
        let mut config = json!({ "deliver_policy": "all", "ack_policy": "explicit",
            "replay_policy": "instant", "max_ack_pending": 10 });
        if let (Some(config), Some(more)) = (config.as_object_mut(), more.as_object()) {
            config.extend(more.clone());
        }
        let sequence = json!({ "stream_seq": delivered, "consumer_seq": delivered });
        let info = json!({
            "stream_name": "S", "name": "D", "created": "2026-01-01T00:00:00Z", "config": config,
            "delivered": sequence, "ack_floor": { "stream_seq": 0, "consumer_seq": 0 },
            "num_ack_pending": 10, "num_redelivered": 0, "num_waiting": 0, "num_pending": waiting,
            "paused": more.get("pause_until").is_some(),
        });
        serde_json::from_value(info).expect("a durable")
    }

    fn told_after(looks: &[(u64, Info)]) -> Option<String> {
        let mut hindrance = Hindrance { last_sequence: 20, ..Hindrance::default() };
        let start = Instant::now();
        for (seconds, durable) in looks {
            hindrance.note(durable, start + Duration::from_secs(*seconds));
        }
        hindrance.error("cannot receive").map(|error| error.to_string())
    }

    #[test]
    fn a_paused_durable_is_told_at_once_with_the_command_that_ends_it() {
        let pause = json!({ "pause_until": "2030-01-01T00:00:00Z" });
        let told = told_after(&[(0, durable(0, 0, &pause))]).expect("told");
        assert!(told.contains("until 2030-01-01") && told.contains("resume S D"), "{told}");
    }

    #[test]
    fn what_has_not_moved_for_a_minute_while_messages_wait_is_told_with_its_open_deliveries() {
        let still = |waiting| durable(10, waiting, &Value::Null);
        let told = told_after(&[(0, still(5)), (60, still(7))]).expect("told");
        assert!(told.contains("7 messages wait") && told.contains("10 of max_ack_pending 10"));
        for calm in [
            [(0, still(5)), (59, still(7))],
            [(0, still(5)), (60, durable(11, 5, &Value::Null))],
            [(0, still(5)), (60, still(0))],
            [(0, durable(20, 5, &Value::Null)), (60, durable(20, 5, &Value::Null))],
        ] {
            assert_eq!(told_after(&calm), None);
        }
    }
}

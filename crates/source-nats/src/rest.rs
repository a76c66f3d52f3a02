use std::time::Duration;

use tokio::time::Instant;

use crate::link::Epoch;

/// Time until a question is asked again on the same connection that was not answered: often this
/// user may not ask it, and each try is a line in the server's log.
const REST: Duration = Duration::from_secs(600);

/// Whether a question rests.
#[derive(Default)]
pub(crate) struct Rest(Option<(Epoch, Instant)>);

impl Rest {
    pub fn is_over(&self, now: Epoch) -> bool {
        self.0.is_none_or(|(of, since)| of != now || since.elapsed() >= REST)
    }

    /// Whether the question was answered on this connection.
    pub fn note(&mut self, was_answered: bool, on: Epoch) {
        self.0 = (!was_answered).then(|| (on, Instant::now()));
    }
}

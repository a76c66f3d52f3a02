use std::time::Duration;

use tokio::time::Instant;

use crate::link::Epoch;

/// Time until a question is asked again on the same connection that this user may not ask: each try is
/// a line in the server's log.
const REST: Duration = Duration::from_secs(600);

/// Whether a question rests.
#[derive(Default)]
pub(crate) struct Rest(Option<(Epoch, Instant)>);

impl Rest {
    pub fn is_over(&self, now: Epoch) -> bool {
        self.0.is_none_or(|(of, since)| of != now || since.elapsed() >= REST)
    }

    /// The server has said on this connection that we may not ask.
    pub fn begin(&mut self, on: Epoch) {
        self.0 = Some((on, Instant::now()));
    }
}

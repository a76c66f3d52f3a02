//! When to ask again what the server has refused.

use std::time::Duration;

use tokio::time::Instant;

use crate::link::Epoch;

/// How long a question that the server has refused is not asked again on the same connection: each
/// attempt is a line in the server's log.
const REST: Duration = Duration::from_secs(600);

/// Whether a question is not asked for the time being.
#[derive(Default)]
pub(crate) struct Rest(Option<(Epoch, Instant)>);

impl Rest {
    pub fn is_over(&self, now: Epoch) -> bool {
        self.0.is_none_or(|(of, since)| of != now || since.elapsed() >= REST)
    }

    /// Notes that the server has refused the question on this connection.
    pub fn begin(&mut self, on: Epoch) {
        self.0 = Some((on, Instant::now()));
    }
}

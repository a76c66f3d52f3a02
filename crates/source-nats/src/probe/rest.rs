//! When to repeat a request that the server has refused.

use std::time::Duration;

use tokio::time::Instant;

use crate::link::Epoch;

/// How long the source does not repeat a refused request on the same connection. Each attempt would
/// write a line to the server's log.
const REST: Duration = Duration::from_secs(600);

/// The pause after a refused request: the connection on which the server refused it, and when.
#[derive(Default)]
pub(crate) struct Rest(Option<(Epoch, Instant)>);

impl Rest {
    pub fn is_over(&self, now: Epoch) -> bool {
        self.0.is_none_or(|(of, since)| of != now || since.elapsed() >= REST)
    }

    /// Begins the pause: the server has refused the request on this connection.
    pub fn begin(&mut self, on: Epoch) {
        self.0 = Some((on, Instant::now()));
    }
}

use tokio_util::sync::CancellationToken;

/// A request to stop that is awaited, not polled. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A stop that has not been requested yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests the stop. That cannot be taken back.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Whether the stop was requested.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns once the stop was requested.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// A stop that can be requested separately, and that also follows this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}

use tokio_util::sync::CancellationToken;

/// A request to stop, awaited rather than polled. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A request that nobody has made yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the request; it cannot be taken back.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Whether it was made.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns once it was made.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// A stop of its own that also follows this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}

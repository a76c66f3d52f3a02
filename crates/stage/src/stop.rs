use tokio_util::sync::CancellationToken;

/// A signal to stop. Tasks await it instead of polling it. All clones share one signal.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A signal that has not been requested yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests the stop. A request cannot be taken back.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Whether the stop was requested.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until the stop is requested.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// A child signal. It is requested when this signal is, and can also be requested alone, which
    /// leaves this signal as it is.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}

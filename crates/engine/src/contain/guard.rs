use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Reason, Refusal, Rejection, Why};
use tracing::{debug, error};

use super::hook::{Seen, watch};
use super::told::is_news;

/// Calls one stage, and catches what panics. Clones are for the same stage.
#[derive(Debug, Clone)]
pub struct Guard {
    role: &'static str,
    kind: Arc<str>,
}

impl Guard {
    /// For the stage of this section, `sink.csv`.
    pub fn new(role: &'static str, section: &str) -> Self {
        let kind = section.rsplit('.').next().unwrap_or_default();
        Self { role, kind: kind.into() }
    }

    /// One call.
    ///
    /// # Errors
    /// When the stage panicked. What it borrowed mutably may be half done.
    pub fn call<T>(&self, call: impl FnOnce() -> T) -> Result<T, Panicked> {
        watch(call).map_err(|seen| self.panicked(seen))
    }

    /// One call that is awaited. The future is done after a panic.
    ///
    /// # Errors
    /// When the stage panicked.
    pub async fn wait<F: Future>(&self, future: F) -> Result<F::Output, Panicked> {
        let mut future = pin!(future);
        poll_fn(|context| match watch(|| future.as_mut().poll(context)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
            Err(seen) => Poll::Ready(Err(self.panicked(seen))),
        })
        .await
    }

    /// One call that is awaited and can fail anyway.
    ///
    /// # Errors
    /// Those of the call; [`Error::Retryable`] when the stage panicked.
    pub async fn attempt<T>(
        &self,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.wait(future).await?
    }

    /// Logs each place once an hour: a stage may panic at every message.
    fn panicked(&self, Seen { place, message }: Seen) -> Panicked {
        let Self { role, kind } = self;
        let panicked = Panicked(format!("the {role} `{kind}` panicked at {place}"));
        // The message may quote a document.
        debug!(stage = role, kind = &**kind, place, message, "panic");
        if is_news(&panicked.0) {
            error!(stage = role, kind = &**kind, place, "a stage panicked: this is a bug in it");
        }
        panicked
    }
}

/// A stage that panicked: which one, and where in its code. Never with the message of the panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked(String);

impl Panicked {
    /// Against the one document that the call was about.
    pub fn rejection(&self) -> Rejection {
        Rejection::new(Reason::StagePanicked, &self.0)
    }

    /// Of a call that was about several documents, or about one.
    pub fn refusal(&self) -> Refusal {
        Refusal::unclear(self.rejection(), &self.0)
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Panicked> for Error {
    fn from(Panicked(text): Panicked) -> Self {
        Self::retryable(Why::Panicked, anyhow!(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new("sink", "sink.csv")
    }

    #[test]
    fn a_panic_is_told_with_stage_and_place_and_without_its_message() {
        let panicked = guard().call(|| panic!("secret {}", 1)).unwrap_err();
        let text = panicked.to_string();
        assert!(text.starts_with("the sink `csv` panicked at "), "{text}");
        assert!(text.contains("guard.rs:"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }

    async fn panics_later() -> Result<(), Error> {
        tokio::task::yield_now().await;
        panic!("after it waited")
    }

    #[tokio::test]
    async fn a_future_that_panics_after_it_waited_is_an_error_that_may_heal() {
        let error = guard().attempt(panics_later()).await.unwrap_err();
        assert!(matches!(error, Error::Retryable { why: Why::Panicked, .. }), "{error:?}");
    }

    #[test]
    fn a_call_within_a_call_leaves_the_outer_one_watched() {
        let outer = guard().call(|| {
            assert!(guard().call(|| panic!("inner")).is_err());
            panic!("outer")
        });
        let outer: Panicked = match outer {
            Ok(()) => panic!("it returned"),
            Err(panicked) => panicked,
        };
        assert!(outer.to_string().contains("guard.rs:"), "{outer}");
    }
}

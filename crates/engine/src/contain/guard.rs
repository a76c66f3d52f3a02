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

/// Calls one stage and catches its panics. Clones guard the same stage.
#[derive(Debug, Clone)]
pub struct Guard {
    role: &'static str,
    kind: Arc<str>,
}

impl Guard {
    /// A guard for the stage of a section such as `sink.csv`.
    pub fn new(role: &'static str, section: &str) -> Self {
        let kind = section.rsplit('.').next().unwrap_or_default();
        Self { role, kind: kind.into() }
    }

    /// Makes a call that returns at once.
    ///
    /// # Errors
    /// The stage panicked. Values that the call borrowed mutably may be in an inconsistent state.
    pub fn call<T>(&self, call: impl FnOnce() -> T) -> Result<T, Panicked> {
        watch(call).map_err(|seen| self.panicked(seen))
    }

    /// Awaits a call. After a panic the future is not polled again.
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

    /// Awaits a call that returns a `Result` itself.
    ///
    /// # Errors
    /// The error of the call, or [`Error::Retryable`] if the stage panicked.
    pub async fn attempt<T>(
        &self,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.wait(future).await?
    }

    /// Logs a panic. Each place in the code is logged once an hour, because a stage may panic at
    /// every message.
    fn panicked(&self, Seen { place, message }: Seen) -> Panicked {
        let Self { role, kind } = self;
        let panicked = Panicked(format!("the {role} `{kind}` panicked at {place}"));
        // The message of the panic may quote a document, so it is logged at debug level only.
        debug!(stage = role, kind = &**kind, place, message, "panic");
        if is_news(&panicked.0) {
            error!(
                stage = role,
                kind = &**kind,
                place,
                "a stage panicked: this is a bug in the stage"
            );
        }
        panicked
    }
}

/// The error of a stage that panicked. It names the stage and the place in its code, and never
/// contains the message of the panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked(String);

impl Panicked {
    /// The rejection of the document that the call was about.
    pub fn rejection(&self) -> Rejection {
        Rejection::new(Reason::StagePanicked, &self.0)
    }

    /// The refusal of a call that was about one or several documents.
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

//! What every stage of a role must do, as tests that run against the real thing.
//!
//! A stage's tests implement one small trait (how to start it, how to reach it from outside) and get
//! each behaviour as a named test of their own crate:
//!
//! ```ignore
//! struct Postgres { /* the server and its database */ }
//! impl l0_testkit::conformance::SinkLab for Postgres { /* ... */ }
//!
//! l0_testkit::sink_conformance!(Postgres);
//! l0_testkit::entry_conformance!(Postgres);
//! l0_testkit::dead_letter_conformance!(Postgres);
//! ```
//!
//! | Role | Trait | Suites |
//! |---|---|---|
//! | any | none: the config struct is enough | [`plugin_conformance!`](crate::plugin_conformance) |
//! | source | [`SourceLab`] | [`source_conformance!`](crate::source_conformance), [`redelivery_conformance!`](crate::redelivery_conformance), [`remembering_conformance!`](crate::remembering_conformance) |
//! | | [`SourceLab`] | [`panicking_source_conformance!`](crate::panicking_source_conformance) |
//! | | [`SourceLab`] and [`Attach`] | [`killed_source_conformance!`](crate::killed_source_conformance) |
//! | | [`AckWaitLab`], [`EndingLab`] | [`ack_wait_conformance!`](crate::ack_wait_conformance), [`ending_conformance!`](crate::ending_conformance) |
//! | validator | [`ValidatorLab`] | [`validator_conformance!`](crate::validator_conformance) |
//! | sink | [`SinkLab`] | [`sink_conformance!`](crate::sink_conformance), [`reader_conformance!`](crate::reader_conformance), [`entry_conformance!`](crate::entry_conformance), [`dead_letter_conformance!`](crate::dead_letter_conformance) |
//! | | [`SinkLab`] | [`panicking_sink_conformance!`](crate::panicking_sink_conformance) |
//! | | [`DurableLab`] | [`durable_conformance!`](crate::durable_conformance) |
//! | query | [`QueryLab`] | [`query_conformance!`](crate::query_conformance) |
//!
//! Each further suite of a role is for stages that have a certain part: a reader, a list of documents, dead letters,
//! or a store that outlives the process. The suites use only the contract, and no particular service.

#![expect(clippy::expect_used, reason = "a suite that cannot go on fails its test")]

pub mod ack_wait;
mod attach;
pub mod dead_letters;
pub mod durable;
pub mod ending;
pub mod panics;
pub mod plugin;
pub mod query;
pub mod redelivery;
pub mod remembering;
pub mod sink;
pub mod source;
pub mod validator;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

pub use ack_wait::AckWaitLab;
pub use attach::Attach;
pub use durable::DurableLab;
pub use ending::EndingLab;
pub use query::QueryLab;
pub use sink::SinkLab;
pub use source::{Published, SourceLab};
pub use validator::ValidatorLab;

/// Far longer than any step takes: a suite fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(20);

/// Writes the behaviours of a suite as tests. The suites' own macros call it.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($lab:ty, $role:ident, $suite:ident, $($behaviour:ident)*) => { $(
        #[::tokio::test]
        async fn $behaviour() {
            if <$lab as $crate::conformance::$role>::is_available() {
                let lab = <$lab as $crate::conformance::$role>::open().await;
                $crate::conformance::$suite::$behaviour(lab).await;
            }
        }
    )* };
}

/// Drops `future` after it has waited this often. `None` if it was not done by then.
async fn dropped_at<T>(waits: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), waits);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if left <= 1 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

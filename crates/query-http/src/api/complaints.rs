use l0_http::Throttle;
use l0_stage::{Error, Why};
use tracing::{error, warn};

use crate::problem::Problem;

/// Ends the errors of stages: logs their causes, at a limited rate, and gives answers without their
/// texts.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Throttle);

impl Complaints {
    /// The answer for a failed read.
    pub fn of(&self, what: &str, error: &Error) -> Problem {
        self.or(what, error, Problem::internal())
    }

    /// As [`of`](Self::of), but with another answer for an error that will not heal by itself.
    pub fn or(&self, what: &str, error: &Error, permanent: Problem) -> Problem {
        let (heals, problem) = match error {
            Error::Retryable { why: Why::Starting, .. } => (true, Problem::starting()),
            Error::Retryable { why: Why::TimedOut, .. } => (true, Problem::timed_out()),
            Error::Retryable { .. } => (true, Problem::unavailable()),
            Error::Refused(_) | Error::Permanent(_) => (false, permanent),
        };
        if self.0.passes() {
            match heals {
                true => warn!(%error, "{what} at present"),
                false => error!(%error, "{what}"),
            }
        }
        problem
    }
}

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use l0_stage::Verdict;
use tokio::sync::oneshot::error::RecvError;

use crate::problem::Problem;
use crate::reply::{Reply, reply};

/// The outcome of one document, as its client is told.
#[derive(Debug)]
pub(crate) enum Answer {
    Kept { status: StatusCode, id: i64 },
    Not(Problem),
}

impl Answer {
    /// The outcome of a verdict. Without a verdict the document was given back.
    pub fn of(verdict: Result<Verdict, RecvError>) -> Self {
        match verdict {
            Ok(Verdict::Stored { id }) => Self::Kept { status: StatusCode::CREATED, id },
            Ok(Verdict::Duplicate { id }) => Self::Kept { status: StatusCode::OK, id },
            Ok(Verdict::Buried(rejection)) => Self::Not(Problem::rejected(rejection)),
            Ok(Verdict::Returned(delay)) => Self::Not(Problem::not_decided(delay)),
            Err(_) => Self::Not(Problem::given_back()),
        }
    }

    pub fn into_reply(self, request_id: &str) -> Reply {
        match self {
            Self::Kept { status, id } => {
                let mut reply = reply(status, format!("{{\"id\":{id}}}\n"));
                let json = HeaderValue::from_static("application/json");
                reply.headers_mut().insert(CONTENT_TYPE, json);
                reply
            }
            Self::Not(problem) => problem.into_reply(request_id),
        }
    }

    /// One line of an answer. `is_short` leaves out the text of an error.
    pub fn line(&self, request_id: &str, is_short: bool) -> String {
        match self {
            Self::Kept { status, id } => {
                format!("{{\"status\":{},\"id\":{id}}}\n", status.as_u16())
            }
            Self::Not(problem) if is_short => problem.short_line(),
            Self::Not(problem) => problem.line(request_id),
        }
    }
}

use std::borrow::Cow;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use l0_stage::serde_json::Value;
use l0_stage::{Reason, Rejection};

use crate::reply::{Reply, reply};

/// An error as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    /// Seconds after which the client may send again.
    retry_after: u64,
}

/// The shortest time after which a client may send again.
const SOON: u64 = 1;

impl Problem {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), retry_after: SOON }
    }

    pub const fn incomplete() -> Self {
        let message = "the body ended before its end";
        Self::new(StatusCode::BAD_REQUEST, "incomplete_body", message)
    }

    pub const fn unauthorized() -> Self {
        let message = "send `authorization: Bearer TOKEN` with the token of [source.http]";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub fn too_many_attempts() -> Self {
        let message = "too many wrong tokens came from this address: wait a minute";
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", message);
        Self { retry_after: 60, ..problem }
    }

    pub const fn too_many_connections() -> Self {
        let message =
            "this address, or all addresses together, have too many connections: close some";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_connections", message)
    }

    pub const fn from_a_page() -> Self {
        let message = "web pages may not post here, because no token is configured";
        Self::new(StatusCode::FORBIDDEN, "cross_site", message)
    }

    pub const fn from_a_proxy() -> Self {
        let message = "a proxy forwarded this request, so its client may be anywhere: set `token` or \
                       `token_file` in [source.http], and send `authorization: Bearer TOKEN`";
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub const fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "documents are posted to /documents")
    }

    pub const fn only_post() -> Self {
        let message = "only POST is answered here";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub const fn only_get() -> Self {
        let message = "only GET and HEAD are answered here";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub const fn body_too_slow() -> Self {
        let message = "the body took too long to arrive";
        Self::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", message)
    }

    pub fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes: send it in parts").into();
        let (status, code) = (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large");
        Self { status, code, message, retry_after: SOON }
    }

    pub const fn unsupported_type() -> Self {
        let message = "send `content-type: application/json` or `application/…+json` for one document or \
                       an array of them, `application/x-ndjson`, `application/jsonl` or \
                       `application/x-jsonlines` for one on each line; a type that the sender cannot \
                       change can be listed in `content_types` of [source.http]";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_type", message)
    }

    pub const fn unsupported_encoding() -> Self {
        let message = "send the body as it is, or with `content-encoding: gzip`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", message)
    }

    pub const fn invalid_gzip() -> Self {
        let message =
            "`content-encoding` says gzip, but the body is not gzip, is cut off or damaged";
        Self::new(StatusCode::BAD_REQUEST, "invalid_gzip", message)
    }

    /// An array is cut off between two of its elements.
    pub const fn no_end() -> Self {
        let message = "the array has no end: send what is missing, or all of it again";
        Self::new(StatusCode::BAD_REQUEST, "incomplete_body", message)
    }

    pub const fn queue_full() -> Self {
        let message = "too many documents wait to be stored: send it again later";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", message)
    }

    pub const fn memory_full() -> Self {
        let message = "too many bytes wait to be stored: send it again later";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "memory_full", message)
    }

    pub const fn share_full() -> Self {
        let message = "too many bytes of this address wait to be stored: send it again later";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "memory_full", message)
    }

    pub fn too_many_lines(limit: usize) -> Self {
        let message = format!("the body has more than {limit} documents: send it in parts").into();
        let (status, code) = (StatusCode::PAYLOAD_TOO_LARGE, "too_many_lines");
        Self { status, code, message, retry_after: SOON }
    }

    pub const fn stopping() -> Self {
        let message = "this instance is stopping: send it again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", message)
    }

    pub const fn given_back() -> Self {
        let message = "the document was given back: send it again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "given_back", message)
    }

    /// The database refuses the document, and it is unclear whether the document is at fault.
    pub fn not_decided(delay: Duration) -> Self {
        let message = "the database refuses the document for a reason that may pass: send it again";
        let retry_after = delay.as_secs().max(SOON);
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "given_back", message);
        Self { retry_after, ..problem }
    }

    pub const fn timed_out() -> Self {
        let message = "the commit takes too long; the document may still be stored: send it again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", message)
    }

    /// The document became a dead letter.
    pub fn rejected(rejection: Rejection) -> Self {
        let Rejection { reason, detail } = rejection;
        let status = match reason {
            Reason::Conflict => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { status, code: reason.as_str(), message: detail.into(), retry_after: SOON }
    }

    pub fn into_reply(self, request_id: &str) -> Reply {
        let body = format!("{{\"error\":{}}}\n", self.error(request_id));
        let mut reply = reply(self.status, body);
        let headers = reply.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                let allowed = if self == Self::only_post() { "POST" } else { "GET, HEAD" };
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after));
            }
            _ => {}
        }
        reply
    }

    /// The problem as one line of an answer with several lines.
    pub fn line(&self, request_id: &str) -> String {
        let status = self.status.as_u16();
        format!("{{\"status\":{status},\"error\":{}}}\n", self.error(request_id))
    }

    /// The same line without its text, for an answer that is long already.
    pub fn short_line(&self) -> String {
        let (status, code) = (self.status.as_u16(), self.code);
        format!("{{\"status\":{status},\"error\":{{\"code\":\"{code}\"}}}}\n")
    }

    fn error(&self, request_id: &str) -> String {
        let Self { code, message, .. } = self;
        let message = Value::from(message.as_ref());
        format!("{{\"code\":\"{code}\",\"message\":{message},\"request_id\":\"{request_id}\"}}")
    }
}

use std::borrow::Cow;

use l0_stage::Bytes;
use l0_stage::serde_json::json;
use warp::Reply;
use warp::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use crate::content::NO_STORE;

/// The methods of a route that reads.
pub(crate) const READS: &str = "GET, HEAD";
/// The method of a route that writes.
pub(crate) const WRITES: &str = "POST";

const NOT_LISTED: &str = "not_listed";

/// An error as an answer.
///
/// It travels as an extension of its response. [`Problem::describe`] adds the body, because the
/// request's id is known there.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    /// A header that this kind of error needs.
    header: Option<(Header, &'static str)>,
}

#[derive(Debug, Clone, Copy)]
enum Header {
    Allow,
    Authenticate,
    RetryAfter,
}

impl Problem {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), header: None }
    }

    const fn with(mut self, header: Header, value: &'static str) -> Self {
        self.header = Some((header, value));
        self
    }

    pub const fn invalid_id(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_id", message)
    }

    pub fn invalid_parameter(message: String) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, "invalid_parameter", "");
        Self { message: Cow::Owned(message), ..problem }
    }

    pub const fn unauthorized() -> Self {
        let message = "this needs the token: Authorization: Bearer TOKEN";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
            .with(Header::Authenticate, "Bearer")
    }

    /// Whether the same request may succeed later.
    pub fn is_for_later(&self) -> bool {
        matches!(self.header, Some((Header::RetryAfter, _)))
    }

    pub const fn too_many_attempts() -> Self {
        let message = "too many wrong tokens came from this address: wait a minute";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", message)
            .with(Header::RetryAfter, "60")
    }

    pub const fn too_many_connections() -> Self {
        let message =
            "this address, or all addresses together, have too many connections: close some";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_connections", message)
            .with(Header::RetryAfter, "1")
    }

    pub const fn forbidden(message: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub const fn foreign_host() -> Self {
        Self::forbidden(
            "the request's `Host` is not a name of this listener: ask under `localhost` or \
             `127.0.0.1`, or list the name in `hosts` of [query.http]",
        )
    }

    pub const fn invalid_host() -> Self {
        let message = "a request has one `Host` header";
        Self::new(StatusCode::BAD_REQUEST, "invalid_host", message)
    }

    pub const fn no_such_document() -> Self {
        Self::new(StatusCode::NOT_FOUND, "document_not_found", "no document has this id")
    }

    pub const fn documents_not_kept() -> Self {
        let message = "this table keeps no documents: it has their values in its columns";
        Self::new(StatusCode::NOT_FOUND, "documents_not_kept", message)
    }

    pub const fn not_listed() -> Self {
        let message = "this sink does not list documents: ask for one by its id, /get-json?id=1";
        Self::new(StatusCode::NOT_FOUND, NOT_LISTED, message)
    }

    pub fn is_not_listed(&self) -> bool {
        self.code == NOT_LISTED
    }

    pub const fn no_such_letter() -> Self {
        Self::new(StatusCode::NOT_FOUND, "letter_not_found", "no dead letter has this id")
    }

    pub const fn no_letters() -> Self {
        let message = "this instance cannot show dead letters: the sink keeps none, \
                       or its section names no role for them";
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub const fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "nothing is served at this path")
    }

    /// `allowed` is [`READS`] or [`WRITES`].
    pub const fn method_not_allowed(allowed: &'static str) -> Self {
        let message = "this path is not for this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
            .with(Header::Allow, allowed)
    }

    pub const fn decided() -> Self {
        let message = "this dead letter was replayed or discarded before";
        Self::new(StatusCode::CONFLICT, "letter_decided", message)
    }

    pub const fn cannot_replay() -> Self {
        let message =
            "this instance cannot replay: it has no source, so it may lack the validation";
        Self::new(StatusCode::CONFLICT, "cannot_replay", message)
    }

    pub const fn cannot_produce() -> Self {
        let message = "this instance has no sample to publish, or no source to publish it to";
        Self::new(StatusCode::CONFLICT, "cannot_produce", message)
    }

    pub const fn too_many_headers() -> Self {
        let message = "the request has more than 64 headers";
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too_many_headers", message)
    }

    pub const fn starting() -> Self {
        Self::later("starting", "a service that this needs is not connected yet")
    }

    pub const fn unavailable() -> Self {
        Self::later("unavailable", "a service that this needs cannot be reached at present")
    }

    pub const fn timed_out() -> Self {
        Self::later("timed_out", "the answer took too long")
    }

    pub const fn busy() -> Self {
        Self::later("busy", "too many clients ask for this at present")
    }

    const fn later(code: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message).with(Header::RetryAfter, "1")
    }

    pub const fn internal() -> Self {
        let message = "this answer failed; the log has the reason";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// Adds the body to a response that carries a problem.
    pub fn describe(response: &mut Response, request_id: u64) {
        if let Some(Self { code, message, .. }) = response.extensions_mut().remove() {
            let request_id = request_id.to_string();
            let error = json!({ "code": code, "message": message, "request_id": request_id });
            *response.body_mut() = Bytes::from(json!({ "error": error }).to_string()).into();
        }
    }
}

impl Reply for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
        if let Some((header, value)) = self.header {
            let name = match header {
                Header::Allow => ALLOW,
                Header::Authenticate => WWW_AUTHENTICATE,
                Header::RetryAfter => RETRY_AFTER,
            };
            headers.insert(name, HeaderValue::from_static(value));
        }
        response.extensions_mut().insert(self);
        response
    }
}

use l0_stage::Bytes;
use l0_stage::serde_json::json;
use warp::Reply;
use warp::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use crate::content::NO_STORE;

/// An answer that is an error.
///
/// It travels as an extension of its response and gets its body in [`Problem::describe`], where
/// the request's id is known.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

impl Problem {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message }
    }

    pub const fn invalid_id(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_id", message)
    }

    pub const fn no_such_document() -> Self {
        Self::new(StatusCode::NOT_FOUND, "document_not_found", "no document has this id")
    }

    pub const fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "nothing is served at this path")
    }

    pub const fn method_not_allowed() -> Self {
        let message = "only GET and HEAD are answered here";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub const fn too_many_headers() -> Self {
        let message = "the request has more than 64 headers";
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too_many_headers", message)
    }

    pub const fn starting() -> Self {
        let message = "the store of the documents is not connected yet";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "starting", message)
    }

    pub const fn unavailable() -> Self {
        let message = "the store of the documents cannot be read at present";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }

    pub const fn timed_out() -> Self {
        let message = "the answer took too long";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", message)
    }

    pub const fn busy() -> Self {
        let message = "too many documents are waiting to be read";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }

    pub const fn internal() -> Self {
        let message = "this answer failed; the log has the reason";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// Gives a response that carries a problem its body.
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
        match self.status {
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}

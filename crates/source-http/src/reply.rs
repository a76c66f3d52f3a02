use std::convert::Infallible;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

/// An answer to a request.
pub(crate) type Reply = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// A whole answer, as plain text; its caller may set another type.
pub(crate) fn reply(status: StatusCode, body: String) -> Reply {
    let mut reply = Response::new(Full::from(body).boxed_unsync());
    *reply.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    reply.headers_mut().insert(CONTENT_TYPE, text);
    reply
}

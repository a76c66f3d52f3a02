use std::sync::Arc;

use l0_stage::Bytes;
use sha2::{Digest, Sha256};
use warp::Reply;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use warp::http::{HeaderMap, Response, StatusCode};

/// Not to be kept by anybody.
pub(crate) const NO_STORE: &str = "no-store";
/// Kept, and asked for again each time: a 304 is cheap.
pub(crate) const REVALIDATE: &str = "no-cache";
/// The same, by the asking browser alone.
pub(crate) const REVALIDATE_PRIVATE: &str = "private, no-cache";

/// Bytes to answer with, and their entity tag, computed once.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub bytes: Bytes,
    tag: Arc<str>,
}

impl Content {
    pub fn new(bytes: Bytes) -> Self {
        let tag = format!("\"{:x}\"", Sha256::digest(&bytes)).into();
        Self { bytes, tag }
    }

    /// The content, or 304 when the request's `If-None-Match` knows it already.
    pub fn reply(
        &self,
        request: &HeaderMap,
        content_type: &'static str,
        cache_control: &'static str,
    ) -> warp::reply::Response {
        let (status, bytes) = match self.is_known_to(request) {
            true => (StatusCode::NOT_MODIFIED, Bytes::new()),
            false => (StatusCode::OK, self.bytes.clone()),
        };
        Response::builder()
            .status(status)
            .header(CONTENT_TYPE, content_type)
            .header(CACHE_CONTROL, cache_control)
            .header(ETAG, &*self.tag)
            .body(bytes)
            .into_response()
    }

    /// Weak comparison, as RFC 9110 section 13.1.2 asks for.
    fn is_known_to(&self, request: &HeaderMap) -> bool {
        let listed = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        listed.flat_map(|list| list.split(',')).map(str::trim).any(|candidate| {
            candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == &*self.tag
        })
    }
}

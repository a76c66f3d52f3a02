use l0_stage::Bytes;
use sha2::{Digest, Sha256};
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use warp::http::{HeaderMap, HeaderValue, StatusCode};
use warp::reply::Response;

/// No cache may store it.
pub(crate) const NO_STORE: &str = "no-store";
/// It may be stored, but must be requested again each time: a 304 is cheap.
pub(crate) const REVALIDATE: &str = "no-cache";
/// The same, only for the cache of the requesting browser.
pub(crate) const REVALIDATE_PRIVATE: &str = "private, no-cache";

/// The bytes of an answer, and their entity tag, which is computed once.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub bytes: Bytes,
    tag: HeaderValue,
}

impl Content {
    pub fn new(bytes: Bytes) -> Self {
        let tag = HeaderValue::try_from(format!("\"{:x}\"", Sha256::digest(&bytes)))
            .unwrap_or_else(|_| unreachable!("hexadecimal digits in quotes are a header value"));
        Self { bytes, tag }
    }

    /// An answer with these bytes and headers. `head` has all headers that the answer will have,
    /// some of them empty and to be replaced. Copying a whole map costs a fraction of filling one.
    pub fn reply(&self, head: &HeaderMap) -> Response {
        let mut response = Response::new(self.bytes.clone().into());
        let headers = response.headers_mut();
        headers.clone_from(head);
        headers.insert(ETAG, self.tag.clone());
        response
    }
}

/// The first headers of an answer with content.
pub(crate) fn head(content_type: &'static str, cache_control: &'static str) -> HeaderMap {
    let mut head = HeaderMap::new();
    head.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    head.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    head
}

/// What a client has already: the lists of its `If-None-Match`.
#[derive(Debug)]
pub(crate) struct Known(Vec<HeaderValue>);

impl Known {
    pub fn of(request: &HeaderMap) -> Self {
        Self(request.get_all(IF_NONE_MATCH).iter().cloned().collect())
    }

    /// Turns an answer into a 304 if the client has it already.
    pub fn spare(&self, response: &mut Response) {
        if self.0.is_empty() {
            return;
        }
        let has = |tag: &HeaderValue| tag.to_str().is_ok_and(|tag| self.contains(tag));
        if response.status() == StatusCode::OK && response.headers().get(ETAG).is_some_and(has) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Bytes::new().into();
        }
    }

    /// Weak comparison, as RFC 9110 section 13.1.2 requires.
    fn contains(&self, tag: &str) -> bool {
        let lists = self.0.iter().filter_map(|list| list.to_str().ok());
        lists.flat_map(|list| list.split(',')).map(str::trim).any(|candidate| {
            candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
        })
    }
}

//! Whether a request came through a proxy.

use hyper::HeaderMap;
use hyper::header::{FORWARDED, VIA};

/// Whether a proxy marked the request: by `Forwarded`, `Via`, `X-Real-IP` or one of
/// `X-Forwarded-*`. Then its client may be anywhere, even if the connection comes from this
/// machine.
#[must_use]
pub fn is_proxied(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        *name == FORWARDED
            || *name == VIA
            || *name == "x-real-ip"
            || name.as_str().starts_with("x-forwarded-")
    })
}

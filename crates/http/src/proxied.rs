//! Whether a proxy handed a request on.

use hyper::HeaderMap;
use hyper::header::{FORWARDED, VIA};

/// Whether a request came through a proxy that says so: by `Forwarded`, `Via`, `X-Real-IP` or one of
/// `X-Forwarded-*`. Its client may be anywhere, although its connection comes from this machine.
#[must_use]
pub fn is_proxied(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        *name == FORWARDED
            || *name == VIA
            || *name == "x-real-ip"
            || name.as_str().starts_with("x-forwarded-")
    })
}

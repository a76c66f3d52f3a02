//! Security headers: what a browser may do with an answer. Data needs fewer rights than a page.

use warp::http::{HeaderMap, HeaderName, HeaderValue};

static DATA: [(HeaderName, HeaderValue); 4] = [
    header("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    header("x-content-type-options", "nosniff"),
    header("x-frame-options", "DENY"),
    header("cross-origin-resource-policy", "same-origin"),
];

static PAGE: [(HeaderName, HeaderValue); 6] = [
    header(
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    header("x-content-type-options", "nosniff"),
    header("referrer-policy", "no-referrer"),
    header("x-frame-options", "DENY"),
    header("cross-origin-opener-policy", "same-origin"),
    header("cross-origin-resource-policy", "same-origin"),
];

const fn header(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// For files of the page.
pub(crate) fn page(headers: &mut HeaderMap) {
    headers.extend(PAGE.iter().cloned());
}

/// For data: adds the headers to an answer that has none of them yet.
pub(crate) fn data(headers: &mut HeaderMap) {
    if !headers.contains_key(&DATA[0].0) {
        headers.extend(DATA.iter().cloned());
    }
}

use warp::http::HeaderName;

/// The header that every answer has.
pub(crate) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

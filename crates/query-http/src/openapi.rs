use l0_stage::Bytes;

use crate::content::Content;

/// The description of the routes for programs. A test compares it with them.
pub(crate) const OPENAPI: &[u8] = include_bytes!("../openapi.json");

/// `GET /openapi.json`.
pub(crate) fn content() -> Content {
    Content::new(Bytes::from_static(OPENAPI))
}

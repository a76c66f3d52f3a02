//! Sends what the page shows live, as server-sent events.
//!
//! ```text
//! listeners ≥ 1 ─► every 500 ms ─► status ──► watch ─┐
//!                                └► newest ─► watch ─┴─► every listener
//! ```
//!
//! However many listen, each event is read and written as JSON once. A watch holds only the latest
//! event, so a listener that reads nothing costs no more than its connection's buffers.

mod events;
mod hub;

pub(crate) use events::{events, tell};
pub(crate) use hub::Hub;

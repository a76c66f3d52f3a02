//! What the page shows while it happens, as server-sent events.
//!
//! ```text
//! listeners ≥ 1 ─► every 500 ms ─► status ──► watch ─┐
//!                                └► newest ─► watch ─┴─► every listener
//! ```
//!
//! However many listen, everything is asked for and written as JSON once. A watch holds the latest
//! event alone, so a listener that takes nothing costs what its connection's buffers hold.

mod events;
mod hub;

pub(crate) use events::{events, tell};
pub(crate) use hub::Hub;

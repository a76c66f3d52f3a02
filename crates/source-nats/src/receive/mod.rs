//! Messages from the server and their receipts back to it.

pub(crate) mod acks;
pub(crate) mod inbox;
pub(crate) mod inboxes;
pub(crate) mod message;
pub(crate) mod pull;
mod pulls;
mod receipt;
pub(crate) mod receiver;
mod tombstone;

//! Messages from the server and their receipts back to it.

pub(crate) mod acks;
pub(crate) mod inbox;
pub(crate) mod message;
pub(crate) mod pull;
mod receipt;
pub(crate) mod returns;

//! The work of one worker: a message's way to a document, the write, and what becomes of each
//! delivery.

mod backoff;
pub(crate) mod checked;
mod hold;
pub(crate) mod ledger;
mod panicked;
pub(crate) mod refused;
mod settle;
pub(crate) mod store;
pub(crate) mod trouble;
pub(crate) mod way;
pub(crate) mod wellformed;
pub(crate) mod worker;

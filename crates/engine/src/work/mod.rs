//! The work of one worker: it turns messages into documents, writes them, and settles each
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

//! The file and the connections to it: opened, used from threads that may block, and what their
//! failures mean.

pub(crate) mod code;
pub(crate) mod connect;
pub(crate) mod job;
pub(crate) mod moment;
pub(crate) mod refusal;
pub(crate) mod slot;

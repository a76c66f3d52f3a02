//! The file and its connections: how they are opened, how threads that may block use them, and
//! what their failures mean.

pub(crate) mod code;
pub(crate) mod connect;
pub(crate) mod job;
pub(crate) mod moment;
pub(crate) mod refusal;
pub(crate) mod slot;

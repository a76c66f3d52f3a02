//! Messages that break the client library: they are recognised, found in the stream, and
//! removed after they have become dead letters.

pub(crate) mod block;
pub(crate) mod patrol;
mod rejection;
mod removal;
pub(crate) mod watchdog;

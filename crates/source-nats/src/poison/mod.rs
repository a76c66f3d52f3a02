//! Messages that break the client library: recognised, found in the stream, and removed once they are
//! dead letters.

pub(crate) mod block;
pub(crate) mod patrol;
mod rejection;
mod removal;
pub(crate) mod watchdog;

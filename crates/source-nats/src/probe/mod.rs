//! What is looked at beside the messages: whether the connection works, the backlog, the stream's
//! room, the clocks.

pub(crate) mod backlog;
pub(crate) mod clock;
pub(crate) mod hindrance;
mod inquiry;
pub(crate) mod keeper;
pub(crate) mod measures;
pub(crate) mod oldest;
mod rest;
pub(crate) mod returns;
pub(crate) mod room;
mod standing;

//! What is checked beside the messages: the connection, the backlog, the stream's room, and the
//! clocks.

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

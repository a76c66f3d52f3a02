//! The life of an instance: it connects its stages, runs its workers, and drains them after a stop.

mod connect;
pub(crate) mod failure;
pub(crate) mod instance;
pub(crate) mod options;
pub(crate) mod run;
mod running;
mod serving;
mod summary;

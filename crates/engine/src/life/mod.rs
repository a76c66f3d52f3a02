//! The life of an instance: stages are connected, workers run, a stop drains them.

mod connect;
pub(crate) mod failure;
pub(crate) mod instance;
pub(crate) mod options;
pub(crate) mod run;
mod running;
mod serving;
mod summary;

#![doc = include_str!("../README.md")]

mod backoff;
pub mod config;
mod connect;
mod failpoint;
mod failure;
mod hold;
mod ledger;
mod letters;
mod pipeline;
mod registry;
mod replay;
mod run;
mod store;
mod trouble;
mod wellformed;
mod worker;

pub use failure::Failure;
pub use ledger::Ledger;
pub use pipeline::{Needs, Pipeline, Settings, Stage};
pub use registry::{Kinds, Prepared, Registry, Slot};
pub use replay::{Replay, Replayed};
pub use run::{Options, SourceSlot, run};
pub use wellformed::parse;

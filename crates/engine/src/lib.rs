#![doc = include_str!("../README.md")]

mod backoff;
mod checked;
mod connect;
mod examine;
mod failpoint;
mod failure;
mod hold;
mod instance;
mod ledger;
mod log;
mod meter;
mod pipeline;
mod refused;
mod registry;
mod rehearse;
mod replay;
mod run;
mod sample;
mod schema;
mod settle;
mod store;
mod trouble;
mod way;
mod wellformed;
mod worker;

pub use examine::{Examined, State, examine, located};
pub use failure::Failure;
pub use ledger::Ledger;
pub use pipeline::{LogStored, Needs, Pipeline, Settings, Stage};
pub use registry::{Guide, Kinds, MendingLetters, Prepared, Registry, Rehearsing, Slot};
pub use rehearse::{Difference, Failed, Judgement, Rehearse, Test, Tested, place_of, told};
pub use replay::{Replay, dead_letters};
pub use run::{Options, SourceSlot, run};
pub use sample::{Published, Sample};
pub use schema::schema;
pub use wellformed::parse;

#![doc = include_str!("../README.md")]

mod contain;
mod failpoint;
mod life;
mod log;
mod meter;
mod pipeline;
mod registry;
mod schema;
mod verbs;
mod work;

pub use life::failure::Failure;
pub use life::options::{Options, SourceSlot};
pub use life::run::run;
pub use pipeline::{LogStored, Needs, Pipeline, Settings, Stage};
pub use registry::{
    Describing, Guide, Kinds, MendingLetters, Prepared, Registry, Rehearsing, Slot,
};
pub use schema::schema;
pub use verbs::describe::describe;
pub use verbs::examine::{Examined, State, examine, located};
pub use verbs::rehearse::{Difference, Failed, Judgement, Rehearse, Test, Tested, place_of, told};
pub use verbs::replay::{Replay, dead_letters};
pub use verbs::sample::{Published, Sample};
pub use work::ledger::Ledger;
pub use work::wellformed::parse;

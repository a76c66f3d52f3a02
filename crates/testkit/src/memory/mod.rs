//! Stages that live in memory: what the engine's own logic is tested with. They keep the promises of
//! the contract (redelivery, idempotent writes) and no others.

mod letters;
mod sink;
mod source;

pub use sink::{Reply, Sink};
pub use source::Source;

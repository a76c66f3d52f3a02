//! Stages in memory, with which the engine's own logic is tested. They keep the promises of the
//! contract (redelivery, idempotent writes) and no others.

mod documents;
mod instance;
mod letters;
mod sink;
mod source;

pub use instance::Instance;
pub use sink::{Reply, Sink};
pub use source::Source;

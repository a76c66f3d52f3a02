#![doc = include_str!("../README.md")]

mod canonical;
mod delivery;
mod envelope;
mod error;
mod finding;
mod held;
mod message;
mod plugin;
mod query;
mod reader;
mod refusal;
mod rejection;
mod secret;
mod sink;
mod source;
mod stop;
mod validator;

pub mod doctor;
pub mod existing;
pub mod letters;
pub mod observe;
pub mod rehearsal;
pub mod section;
pub mod stored;
pub mod template;
pub mod text;

pub use canonical::canonical;
pub use delivery::{Delivery, Receipt, Verdict};
pub use envelope::Envelope;
pub use error::{Error, Why};
pub use finding::{Finding, Findings};
pub use message::{Document, Message, Origin};
pub use plugin::{Context, MigrateOptions, Plugin, Role};
pub use query::{Query, View};
pub use reader::Reader;
pub use refusal::{Blame, Refusal};
pub use rejection::{DeadLetter, Reason, Rejection};
pub use secret::Secret;
pub use sink::{Encoded, Outcome, Record, Sink, Writer};
pub use source::{Publisher, Source};
pub use stop::Stop;
pub use validator::Validator;

/// The crates that authors of stages need to implement the traits. They are re-exported so that the
/// versions match.
pub use {anyhow, async_trait::async_trait, bytes::Bytes, schemars, serde, serde_json, time};

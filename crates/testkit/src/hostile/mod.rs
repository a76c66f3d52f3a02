//! Hostile databases: schemas full of rules, triggers and sequences, documents with a known fate, and
//! the verdict on what became of them.
//!
//! A [`Schema`] is a few [`Twist`]s on one table with one child. A [`Plan`] knows each message that is
//! published and its [`Fate`], and judges what a run has left ([`Books`]).

mod documents;
mod judge;
mod pipeline;
mod postgres;
mod schema;
mod sqlite;
mod twist;

pub use documents::{Fate, Message, Plan, Refusal};
pub use judge::{Books, Letter, Row, Verdict};
pub use pipeline::Place;
pub use schema::{Ids, Key, Schema};
pub use twist::{Class, Database, Twist};

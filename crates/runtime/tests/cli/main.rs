//! What a user of the command line sees: data, envelopes, and the text of every mistake.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod codes;
mod envelope;
mod folder;
mod guides;
mod mistakes;
mod mutations;
mod properties;
mod schema;
mod secrets;
mod settings;

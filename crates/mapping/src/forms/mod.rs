//! How values are written in documents: for each kind of column the forms that it takes, and what
//! they mean. `docs/types.md` has them in a table.
//!
//! Each form is one that Postgres reads in only one way, whatever the settings of its session are.
//! `crates/sink-postgres/tests/postgres/types.rs` compares every one with the server.

pub(crate) mod array;
pub(crate) mod bytes;
pub(crate) mod clock;
pub(crate) mod epoch;
pub(crate) mod interval;
pub(crate) mod network;
pub(crate) mod uuid;

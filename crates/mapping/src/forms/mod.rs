//! Reads the forms in which documents may write the values of each kind of column. `docs/types.md`
//! has a table of these forms.
//!
//! Only forms that Postgres reads in a single way, whatever the settings of its session are, are
//! accepted. `crates/sink-postgres/tests/postgres/types.rs` compares every form with the server.

pub(crate) mod array;
pub(crate) mod bytes;
pub(crate) mod clock;
pub(crate) mod epoch;
pub(crate) mod interval;
pub(crate) mod network;
pub(crate) mod uuid;

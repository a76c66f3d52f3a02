//! `l0-runtime test`: the `[[tests]]` of a configuration, offline and with a database.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod failures;
#[path = "../cli/folder.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line, which use all of it")]
mod folder;
mod mistakes;
mod numbers;
mod parcels;
mod postgres;
mod shipped;
mod sqlite;
mod wiring;

//! The sink on a real Postgres.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod conformance;
mod sink;
mod support;
mod tables;

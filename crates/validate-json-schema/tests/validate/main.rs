//! The stage as the engine uses it: what it accepts, and how it says what it refuses.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod config;
mod conformance;
mod detail;
mod orders;
mod stage;

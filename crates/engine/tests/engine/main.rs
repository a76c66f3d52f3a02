//! The engine's own logic, on stages that live in memory and a paused clock.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod instance;
mod panics;
mod readers;
mod refused;
mod support;
mod wellformed;
mod work;

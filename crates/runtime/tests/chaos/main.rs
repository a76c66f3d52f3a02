//! Faults while messages flow: nothing may be lost, doubled or invented, and no help may be
//! needed.
//!
//! The short form runs with all other tests. `L0_CHAOS=long` makes it longer; a number also says
//! how often the runtime is killed at random (`make chaos`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what a run saw, shown when it fails")]

mod cluster;
mod disk;
mod frozen;
mod hostile;
mod instances;
mod keys;
mod kills;
mod lab;
mod links;
mod nats;
mod orders;
mod points;
mod poison;
mod postgres;
mod producer;
#[path = "../pipeline/stack.rs"]
#[allow(dead_code, reason = "shared with the pipeline tests, which use all of it")]
mod stack;

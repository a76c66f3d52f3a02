//! The binary without any service: the demo, files and HTTP into SQLite; and the examples, each
//! with what it needs.
//!
//! The short form runs with all other tests. `L0_CHAOS=long` makes it longer; a number also says
//! how often the demo is killed (`make chaos`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what a run saw, shown when it fails")]

mod client;
mod combinations;
mod composed;
mod demo;
mod doors;
mod examples;
mod kills;
mod lab;
mod lines;
mod messages;
#[path = "../chaos/orders.rs"]
#[allow(dead_code, reason = "shared with the chaos tests, whose rule is for Postgres")]
mod orders;
mod progress;
mod senders;
#[path = "../pipeline/stack.rs"]
#[allow(dead_code, reason = "shared with the pipeline tests, which use all of it")]
mod stack;
mod stalled;
mod store;

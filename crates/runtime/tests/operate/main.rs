//! What an operator does with a running instance: `top` in a real terminal and in a pipe, and dead letters as JSON.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what a run saw, shown when it fails")]

#[path = "../embedded/client.rs"]
#[allow(dead_code, reason = "shared with the embedded tests, which use all of it")]
mod client;
#[path = "../embedded/lab.rs"]
#[allow(dead_code, reason = "shared with the embedded tests, which use all of it")]
mod lab;
mod letters;
#[path = "../pipeline/stack.rs"]
#[allow(dead_code, reason = "shared with the pipeline tests, which use all of it")]
mod stack;
mod tls;
mod top;

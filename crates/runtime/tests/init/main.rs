//! `init`: from sample messages to a pipeline that stores them, whatever their shape.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod any;
mod forms;
mod hostile;
mod key;
mod lab;
mod roles;
mod shapes;
mod shipped;
#[path = "../pipeline/stack.rs"]
#[allow(dead_code, reason = "shared with the pipeline tests, which use all of it")]
mod stack;
mod stage;
mod table;
mod terminal;

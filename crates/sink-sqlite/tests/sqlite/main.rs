//! The sink on real database files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod config;
mod conformance;
mod disk;
mod files;
mod sink;
mod support;
mod tables;

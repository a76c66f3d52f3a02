//! The sink on real database files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod blame;
mod catalog;
mod config;
mod conformance;
mod disk;
mod files;
mod keys;
mod letters;
mod notes;
mod sink;
mod support;
mod tables;

//! The binary on a real nats-server and a real Postgres.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod buckets;
mod commands;
mod dead_letters;
mod documents;
mod journey;
mod lifecycle;
mod secrets;
mod stack;
mod subjects;

//! `l0-runtime doctor` against a real Postgres and a real nats-server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod causes;
mod doors;
mod embedded;
mod faults;
mod lab;
mod nats;
mod postgres;
mod report;
mod whole;

//! The source against a real nats-server.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod config;
mod conformance;
mod credentials;
mod faults;
mod headers;
mod objects;
mod publish;
mod receive;
mod settle;
mod support;

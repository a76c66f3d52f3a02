//! The source behind real sockets.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod arrays;
mod bounds;
mod codes;
mod config;
mod conformance;
mod fairness;
mod gzip;
mod life;
mod lines;
mod media;
mod proxies;
mod publish;
mod refusals;
mod support;
mod tls;
mod token;

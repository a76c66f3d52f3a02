//! The stage on a real listener, with a raw client.

#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod api;
mod attacks;
mod cache;
mod config;
mod conformance;
mod connections;
mod documents;
mod health;
mod metrics;
mod page;
mod protocol;
mod proxies;
mod support;
mod tls;

//! The tools of the tests are tested too: a judge that overlooks something proves nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod conformance;
mod hostile;
mod ledger;
mod memory;
mod proxy;
mod runtime;
mod services;

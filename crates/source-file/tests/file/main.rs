//! The source on real files, pipes and standard input.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod config;
mod conformance;
mod files;
mod forms;
mod limits;
mod settling;
mod stdin;
mod support;

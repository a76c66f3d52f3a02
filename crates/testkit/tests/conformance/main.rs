//! The in-memory stages pass the suites; a stage that breaks a promise does not.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod broken;
mod memory;
mod notebook;
mod suites;

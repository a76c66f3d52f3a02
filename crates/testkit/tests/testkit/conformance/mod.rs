//! The in-memory stages pass the suites; a stage that breaks a promise does not.

mod broken;
mod memory;
mod notebook;
mod suites;

//! The texts of the project: their commands are run, their data are read, their pictures are
//! compared.
//!
//! A fenced block ```` ```console ```` holds commands after `$ ` (continued after `> `) and, if it shows any,
//! their output: `...` stands for any lines, `[..]` for any part of one. `L0_BLESS=1` renews the
//! outputs without such marks.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod commands;
mod data;
mod elsewhere;
mod errors;
mod folder;
mod page;
mod pattern;
mod script;
mod session;
mod spans;

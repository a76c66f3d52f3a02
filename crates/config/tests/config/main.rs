//! What a user sees of the configuration: values that are read, and mistakes that are found.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod layers;
mod mistakes;
mod references;
mod secrets;
mod sections;
mod settings;
mod setup;

//! The sink on a real Postgres.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod altered;
mod client_certificate;
mod composite;
mod conformance;
mod credentials;
mod edition;
mod hosts;
mod import;
mod kept;
mod keys;
mod letters;
mod messages;
mod poolers;
mod primary;
mod probe;
mod refusals;
mod role_settings;
mod roles;
mod scale;
mod sessions;
mod silence;
mod sink;
mod support;
mod tables;
mod tls;
mod types;
mod versions;

#![doc = include_str!("../README.md")]

mod array;
mod bury;
mod catalog;
mod config;
mod connect;
mod dead_letters;
mod migrate;
mod reader;
mod roles;
mod sink;
mod sqlstate;
mod statement;
mod writer;

pub use config::{Credentials, Migrate, PostgresConfig, Tls};
pub use sqlstate::{Action, Blame, action};

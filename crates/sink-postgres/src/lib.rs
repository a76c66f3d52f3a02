#![doc = include_str!("../README.md")]

mod array;
mod batch;
mod bury;
mod catalog;
mod cell;
mod config;
mod connect;
mod dead_letters;
mod entries;
mod examine;
mod letters;
mod migrate;
mod reader;
mod rehearse;
mod roles;
mod row;
mod session;
mod sink;
mod sqlstate;
mod statement;
mod tls;
mod writer;

pub use config::{Credentials, Migrate, PostgresConfig};
pub use sqlstate::{Action, Blame, action};
pub use tls::Tls;

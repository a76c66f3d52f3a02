#![doc = include_str!("../README.md")]

mod array;
mod blame;
mod bury;
mod catalog;
mod cell;
mod config;
mod connect;
mod dead_letters;
mod edition;
mod entries;
mod examine;
mod hindrances;
mod letters;
mod letters_table;
mod migrate;
mod own;
mod pooler;
mod read_rules;
mod reader;
mod refusal;
mod rehearse;
mod roles;
mod row;
mod rule_book;
mod rules;
mod session;
mod sink;
mod sqlstate;
mod statement;
mod tls;
mod words;
mod write;

pub use config::{Credentials, Migrate, PostgresConfig};
pub use sqlstate::{Action, action};
pub use tls::Tls;

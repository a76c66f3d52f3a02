#![doc = include_str!("../README.md")]

mod bury;
mod catalog;
mod cell;
mod code;
mod config;
mod connect;
mod dead_letters;
mod declared;
mod entries;
mod examine;
mod job;
mod letters;
mod migrate;
mod moment;
mod reader;
mod rehearse;
mod row;
mod sink;
mod slot;
mod statement;
mod store;
mod writer;

pub use config::SqliteConfig;

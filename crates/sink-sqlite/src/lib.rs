#![doc = include_str!("../README.md")]

mod batch;
mod blame;
mod bury;
mod catalog;
mod cell;
mod code;
mod config;
mod connect;
mod ddl;
mod dead_letters;
mod declared;
mod entries;
mod examine;
mod find;
mod generation;
mod insert;
mod job;
mod judge;
mod letters;
mod migrate;
mod moment;
mod own;
mod read_rules;
mod reader;
mod refusal;
mod rehearse;
mod row;
mod rules;
mod sink;
mod slot;
mod sql;
mod statement;
mod store;
mod ways;
mod writer;

pub use config::SqliteConfig;

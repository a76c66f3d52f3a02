#![doc = include_str!("../README.md")]

mod config;
mod csv;
mod journal;
mod letters;
mod rows;
mod sink;

pub use config::CsvConfig;

#![doc = include_str!("../README.md")]

mod config;
mod input;
mod queue;
mod reader;
mod source;
mod ticket;

pub use config::FileConfig;

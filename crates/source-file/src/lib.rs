#![doc = include_str!("../README.md")]

mod config;
mod input;
mod queue;
mod reader;
mod source;

pub use config::FileConfig;

#![doc = include_str!("../README.md")]

mod config;
mod input;
mod lines;
mod queue;
mod reader;
mod source;

pub use config::FileConfig;

#![doc = include_str!("../README.md")]

mod config;
mod lines;
mod place;
mod source;

pub use config::TailConfig;

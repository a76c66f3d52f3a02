#![doc = include_str!("../README.md")]

mod config;
mod lines;
mod place;
mod source;
mod ticket;

pub use config::TailConfig;

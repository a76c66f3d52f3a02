#![doc = include_str!("../README.md")]

mod answer;
mod app;
mod body;
mod check;
mod config;
mod inbox;
mod listen;
mod ndjson;
mod problem;
mod publisher;
mod server;
mod source;
mod steady;
mod ticket;
mod token;

pub use config::HttpConfig;

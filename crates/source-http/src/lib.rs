#![doc = include_str!("../README.md")]

mod answer;
mod app;
mod body;
mod check;
mod config;
mod examine;
mod inbox;
mod ndjson;
mod pace;
mod plugin;
mod problem;
mod publisher;
mod queue;
mod reply;
mod room;
mod source;
mod template;
mod ticket;

pub use config::HttpConfig;

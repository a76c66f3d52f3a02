#![doc = include_str!("../README.md")]

mod answer;
mod answers;
mod app;
mod body;
mod check;
mod config;
mod documents;
mod examine;
mod gzip;
mod inbox;
mod media;
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

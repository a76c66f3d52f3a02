#![doc = include_str!("../README.md")]

mod admission;
mod app;
mod assets;
mod cache;
mod config;
mod content;
mod documents;
mod health;
mod listen;
mod problem;
mod routes;
mod server;
mod stage;
mod steady;
mod throttle;

pub use config::HttpConfig;
pub use stage::HttpServer;

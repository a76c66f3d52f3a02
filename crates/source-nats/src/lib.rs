#![doc = include_str!("../README.md")]

mod api;
mod check;
mod config;
mod connect;
mod consumer;
mod credentials;
mod failure;
mod message;
mod publisher;
mod receipt;
mod receive;
mod session;
mod source;
mod stream;
mod subject;

pub use config::NatsConfig;

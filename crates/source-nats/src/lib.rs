#![doc = include_str!("../README.md")]

mod acks;
mod api;
mod backlog;
mod block;
mod check;
mod clock;
mod config;
mod connect;
mod consumer;
mod credentials;
mod denials;
mod examine;
mod failure;
mod hindrance;
mod inbox;
mod incarnation;
mod inquiry;
mod keeper;
mod link;
mod measures;
mod message;
mod publisher;
mod receipt;
mod receive;
mod removal;
mod returns;
mod room;
mod session;
mod source;
mod standing;
mod stored;
mod stream;
mod subject;
mod watchdog;

pub use config::NatsConfig;

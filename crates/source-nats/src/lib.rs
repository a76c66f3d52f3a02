#![doc = include_str!("../README.md")]

mod check;
mod config;
mod examine;
mod failure;
mod jetstream;
mod link;
mod plugin;
mod poison;
mod probe;
mod publisher;
mod receive;
mod source;
mod template;

pub use config::NatsConfig;
pub use jetstream::subjects::Subjects;

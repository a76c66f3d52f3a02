#![doc = include_str!("../README.md")]

mod eventually;
mod json;
pub mod memory;
mod nats;
mod port;
mod postgres;
mod process;
mod runtime;
mod server;
mod services;

pub use eventually::eventually;
pub use json::set;
pub use nats::NatsServer;
pub use port::Port;
pub use postgres::{Postgres, Shutdown};
pub use process::Output;
pub use runtime::{Launch, Runtime};
pub use services::available as services_available;

#![doc = include_str!("../README.md")]

mod cluster;
pub mod conformance;
mod disk;
mod eventually;
pub mod hostile;
pub mod http;
mod json;
pub mod ledger;
pub mod memory;
mod nats;
mod pgbouncer;
mod port;
mod postgres;
mod process;
mod proxy;
mod records;
mod runtime;
mod server;
mod services;
mod terminal;
mod topics;

pub use cluster::NatsCluster;
pub use disk::Disk;
pub use eventually::eventually;
pub use json::set;
pub use nats::NatsServer;
pub use pgbouncer::PgBouncer;
pub use port::Port;
pub use postgres::{Postgres, Shutdown};
pub use process::Output;
pub use proxy::{Link, Proxy};
pub use records::{encode, write};
pub use runtime::{Launch, Runtime};
pub use services::available as services_available;
pub use terminal::Terminal;
pub use topics::assert_topics;

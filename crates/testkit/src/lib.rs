#![doc = include_str!("../README.md")]

#[cfg(feature = "services")]
pub mod attack;
#[cfg(feature = "services")]
mod cluster;
pub mod conformance;
mod descriptors;
mod disk;
mod eventually;
#[cfg(feature = "services")]
pub mod hostile;
pub mod http;
mod json;
pub mod ledger;
pub mod memory;
#[cfg(feature = "services")]
mod nats;
#[cfg(feature = "services")]
mod pgbouncer;
mod port;
#[cfg(feature = "services")]
mod postgres;
mod process;
mod programs;
mod proxy;
mod records;
mod runtime;
#[cfg(feature = "services")]
mod server;
#[cfg(feature = "services")]
mod services;
mod terminal;
#[cfg(feature = "services")]
pub mod tls;
mod topics;

#[cfg(feature = "services")]
pub use cluster::NatsCluster;
pub use descriptors::require_descriptors;
pub use disk::Disk;
pub use eventually::eventually;
pub use json::set;
#[cfg(feature = "services")]
pub use nats::NatsServer;
#[cfg(feature = "services")]
pub use pgbouncer::PgBouncer;
pub use port::Port;
#[cfg(feature = "services")]
pub use postgres::{Postgres, Shutdown};
pub use process::Output;
pub use proxy::{Link, Proxy};
pub use records::{encode, write};
pub use runtime::{Launch, Runtime};
#[cfg(feature = "services")]
pub use services::available as services_available;
pub use terminal::Terminal;
pub use topics::assert_topics;

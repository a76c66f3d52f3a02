#![doc = include_str!("../README.md")]

mod answer;
mod config;
mod health;
mod history;
mod metrics;
mod moment;
mod plugin;
mod process;
mod server;
mod status;
mod tally;

pub use config::ObserveConfig;
pub use health::Ready;
pub use history::{Away, History};
pub use metrics::{CONTENT_TYPE as METRICS_TYPE, metrics};
pub use moment::{Moment, rounded};
pub use process::resident_bytes;
pub use server::ObserveServer;
pub use status::{
    Backlog, Cache, Checks, Degraded, Http, Latency, Ledger, Rates, Reason, Stage, Status, Worker,
    Writes,
};
pub use tally::{MOST_LETTERS, Tally};

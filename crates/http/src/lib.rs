#![doc = include_str!("../README.md")]

mod admission;
mod attempts;
mod client;
mod descriptors;
mod examine;
mod hosts;
mod listen;
mod listener;
mod network;
mod noting;
mod peer;
mod proxied;
mod proxies;
mod request_ids;
mod server;
mod steady;
mod throttle;
mod tls;
mod token;

pub use attempts::Attempts;
pub use client::Client;
pub use examine::{check_port, check_token};
pub use hosts::Hosts;
pub use listen::Listen;
pub use listener::Listener;
pub use peer::Peer;
pub use proxied::is_proxied;
pub use proxies::Proxies;
pub use request_ids::RequestIds;
pub use server::{Connections, Limits, serve, serve_counted};
pub use throttle::Throttle;
pub use tls::{Stream, Tls, TlsFiles, Trust, check_certificate, connect};
pub use token::{Proof, Token};

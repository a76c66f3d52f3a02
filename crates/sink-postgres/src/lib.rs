#![doc = include_str!("../README.md")]

mod check;
mod config;
mod examine;
mod link;
mod mend;
mod plugin;
mod prepare;
mod read;
mod rehearse;
mod sink;
mod tables;
mod template;
mod write;

pub use config::{Credentials, Migrate, PostgresConfig};
pub use link::hosts::Hosts;
pub use link::sqlstate::{Action, action};
pub use link::tls::Tls;

#![doc = include_str!("../README.md")]

mod config;
mod rules;

pub use config::RulesConfig;

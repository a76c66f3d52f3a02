#![doc = include_str!("../README.md")]

mod api;
mod app;
mod assets;
mod cache;
mod check;
mod config;
mod content;
mod documents;
mod examine;
mod exposure;
mod health;
mod live;
mod openapi;
mod operate;
mod places;
mod plugin;
mod problem;
mod reads;
mod request_id;
mod route;
mod routes;
mod seconds;
mod security;
mod stage;
mod template;
mod traffic;

pub use config::{HttpConfig, Protect};
pub use stage::HttpServer;

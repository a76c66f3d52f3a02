mod client;
mod server;
mod shelf;

pub use client::{Answer, PATIENCE, connect, exchange, get, get_with};
pub use server::{Server, config, context};
pub use shelf::Shelf;

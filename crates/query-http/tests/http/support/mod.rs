pub mod attack;
mod server;
mod shelf;

pub use l0_testkit::http::{Answer, PATIENCE, connect, exchange, get, get_with, send};
pub use server::{Server, config, context};
pub use shelf::Shelf;

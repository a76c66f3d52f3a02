pub mod attack;
mod away;
mod endless;
mod events;
pub mod refusing;
mod server;
mod shelf;
pub mod stock;
mod write;

pub use away::Away;
pub use endless::Endless;
pub use events::{Event, Events};
pub use l0_testkit::http::{Answer, PATIENCE, connect, exchange, get, get_with, send};
pub use server::{Server, config, context};
pub use shelf::Shelf;
pub use write::{post, post_with};

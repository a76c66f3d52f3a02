//! The connection to the server: it is made with the configured credentials, watched, and
//! replaced when it is dead.

pub(crate) mod address;
pub(crate) mod connect;
mod connection;
pub(crate) mod credentials;
mod current;
pub(crate) mod denials;
pub(crate) mod retry;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use connection::{Connection, Epoch, Loss};
pub(crate) use current::Link;

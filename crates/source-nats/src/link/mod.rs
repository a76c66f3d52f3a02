//! The connection to the server: made with our credentials, watched, and replaced by another when it
//! is dead.

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

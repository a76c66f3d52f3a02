//! The connection to the server: made with our credentials, watched, and replaced by another when it
//! is dead.

pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod credentials;
pub(crate) mod current;
pub(crate) mod denials;
pub(crate) mod retry;
#[cfg(test)]
pub(crate) mod tests;

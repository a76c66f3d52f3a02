//! What `migrate` makes: the tables, our own one, and the roles that work with them.

pub(crate) mod migrate;
mod own;
mod roles;
pub(crate) mod words;

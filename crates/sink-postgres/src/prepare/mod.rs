//! What `migrate` creates: the user's tables, our own table, and the roles that use them.

pub(crate) mod migrate;
mod own;
mod roles;
pub(crate) mod words;

//! What a connect creates first: the tables of the user's folder, and our own table.

pub(crate) mod migrate;
pub(crate) mod own;

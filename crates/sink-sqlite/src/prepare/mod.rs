//! What a connect makes first: the tables of the user's folder, and our own one.

pub(crate) mod migrate;
pub(crate) mod own;

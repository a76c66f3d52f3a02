//! What a connect creates first: the user's tables by the migrations of the folder, and the table
//! of dead letters.

pub(crate) mod migrate;
pub(crate) mod own;

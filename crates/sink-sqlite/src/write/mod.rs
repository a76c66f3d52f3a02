//! Writes documents into the tables: the statements, the steps of a write, and the decision whose
//! fault a refusal is.

mod batch;
pub(crate) mod blame;
mod bury;
pub(crate) mod cell;
mod find;
mod insert;
pub(crate) mod judge;
pub(crate) mod row;
mod same;
pub(crate) mod statement;
pub(crate) mod store;
pub(crate) mod writer;

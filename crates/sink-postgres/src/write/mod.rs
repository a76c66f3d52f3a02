//! Writes documents into the tables: the statements, the steps of a write, and the decision whose
//! fault a refusal is.

pub(crate) mod array;
mod ask;
mod batch;
pub(crate) mod blame;
mod bury;
pub(crate) mod cell;
mod compare;
pub(crate) mod connection;
mod insert;
pub(crate) mod key;
pub(crate) mod row;
mod same;
pub(crate) mod statement;
mod writer;

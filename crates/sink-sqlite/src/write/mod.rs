//! Documents on their way into the tables: the statements, the steps that they are sent in, and whose
//! fault a refusal is.

mod batch;
pub(crate) mod blame;
mod bury;
mod cell;
mod find;
mod insert;
pub(crate) mod judge;
pub(crate) mod row;
pub(crate) mod statement;
pub(crate) mod store;
pub(crate) mod writer;

//! The live tables: what the catalog says about them and their rules, and whether that has
//! changed.

pub(crate) mod catalog;
pub(crate) mod ddl;
pub(crate) mod declared;
pub(crate) mod describe;
pub(crate) mod fit;
pub(crate) mod generation;
mod indexes;
pub(crate) mod read_rules;
pub(crate) mod rules;
mod sql;
pub(crate) mod ways;

//! The live tables: what the catalog says about them and their rules, and whether that has
//! changed.

pub(crate) mod catalog;
mod columns;
pub(crate) mod describe;
pub(crate) mod fingerprint;
pub(crate) mod fit;
pub(crate) mod generation;
pub(crate) mod hindrances;
pub(crate) mod letters_table;
pub(crate) mod quote;
pub(crate) mod read_rules;
pub(crate) mod rule_book;
pub(crate) mod rules;
pub(crate) mod types;
mod unique;

//! What is written: the tables that a shape asks for, and the files of a pipeline that fills them.

pub mod choice;
mod column;
pub mod config;
mod expected;
pub mod files;
pub mod names;
pub mod plan;
pub mod schema;
pub mod shipped;
pub mod sql;
pub mod summary;

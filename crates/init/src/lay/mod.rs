//! What `init` writes: the tables for a shape, and the files of a pipeline that fills them.

pub mod choice;
pub mod column;
pub mod config;
mod expected;
pub mod files;
pub mod names;
pub mod plan;
pub mod schema;
pub mod shipped;
pub mod sql;
pub mod summary;

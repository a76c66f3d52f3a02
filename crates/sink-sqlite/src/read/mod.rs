//! Reads stored documents and their data.

pub(crate) mod entries;
pub(crate) mod reader;

//! What is asked about stored documents.

pub(crate) mod entries;
pub(crate) mod reader;

//! What is found wrong: codes, diagnostics at their place in the file, and how they are shown.

pub(crate) mod code;
pub(crate) mod describe;
pub(crate) mod diagnostic;
mod render;
pub(crate) mod suggest;

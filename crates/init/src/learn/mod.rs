//! What the samples say: their shape, and which of their members is the key.

mod ask;
pub mod decide;
pub mod key;
pub mod kind;
pub mod samples;
mod scalar;
pub mod shape;
pub mod tree;

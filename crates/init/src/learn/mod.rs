//! Learns from samples: their shape, and which member is the key.

mod ask;
pub mod decide;
pub mod key;
pub mod kind;
pub mod samples;
mod scalar;
pub mod shape;
pub mod tree;

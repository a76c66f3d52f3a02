#![doc = include_str!("../README.md")]

mod cause;
mod coding;
mod documents;
mod foreign;
mod form;
mod gzip;
mod lines;
mod piece;
mod place;
mod scan;
mod splitter;
mod values;
mod word;

#[cfg(test)]
mod tests;

pub use cause::cause;
pub use coding::Coding;
pub use documents::Documents;
pub use foreign::foreign;
pub use gzip::unpacker;
pub use piece::{Chunk, Failure, Piece};
pub use place::Place;
pub use splitter::{Found, Splitter, Step};

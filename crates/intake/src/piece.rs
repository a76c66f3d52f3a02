//! What an input is split into, and why it cannot be.

use std::fmt;
use std::io;

use bytes::Bytes;

use crate::Coding;

/// A part of the input that should be one document: a line, an element of an array, an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its place in the input: the number of the line in which it begins, counted from 1. Of several
    /// pieces in one line, each has the number after that of the one before it. So no two pieces
    /// have the same number.
    pub number: u64,
    /// The number of the line in which it begins, counted from 1.
    pub line: u64,
    /// Its exact bytes.
    pub content: Bytes,
    /// Its share of the bytes of the input, with what separates it from others.
    pub size: u64,
}

/// The pieces that one read completes.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The pieces in their order.
    pub pieces: Vec<Piece>,
    /// Bytes of the input that belong to no piece.
    pub blank: u64,
}

/// Why no more documents can be read. Those before it were returned.
#[derive(Debug)]
pub enum Failure {
    /// The input cannot be read.
    Unreadable(io::Error),
    /// A line is longer than allowed.
    LineTooLong {
        /// The number of the line.
        line: u64,
        /// The most bytes of one.
        longest: usize,
    },
    /// A document is longer than allowed.
    DocumentTooLong {
        /// The number of the line in which it begins.
        line: u64,
        /// The most bytes of one.
        longest: usize,
    },
    /// The input ended within an array.
    NoEnd,
    /// The input is neither UTF-8 nor gzip.
    Coding(Coding),
    /// What was unpacked is gzip again.
    PackedTwice,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::LineTooLong { line, longest } => {
                write!(f, "line {line} is longer than {longest} bytes")
            }
            Self::DocumentTooLong { line, longest } => {
                write!(f, "the document in line {line} is longer than {longest} bytes")
            }
            Self::NoEnd => f.write_str("its array has no end: the input is cut off"),
            Self::Coding(Coding::Utf16) => f.write_str(
                "UTF-16, not UTF-8: convert it, for example with `iconv -f UTF-16 -t UTF-8`",
            ),
            Self::Coding(coding) => write!(f, "{coding}, not JSON: unpack it first"),
            Self::PackedTwice => f.write_str("gzip within gzip: unpack it once more"),
        }
    }
}

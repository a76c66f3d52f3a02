//! The pieces that an input is split into, and the failures of splitting.

use std::fmt;
use std::io;

use bytes::Bytes;

use crate::Coding;

/// A part of the input that should be one document: a line, an element of an array, an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// The unique number of the piece: the number of the line in which it begins, counted from 1. If
    /// several pieces begin in one line, each gets the number after that of the piece before. So no
    /// two pieces have the same number.
    pub number: u64,
    /// The number of the line in which the piece begins, counted from 1.
    pub line: u64,
    /// The exact bytes of the piece.
    pub content: Bytes,
    /// How many bytes of the input belong to the piece, including separators.
    pub size: u64,
}

/// The pieces that one read has completed.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The pieces, in the order of the input.
    pub pieces: Vec<Piece>,
    /// Bytes of the input that belong to no piece.
    pub blank: u64,
}

/// Why no more documents can be read. All documents before the failure were returned.
#[derive(Debug)]
pub enum Failure {
    /// The input cannot be read.
    Unreadable(io::Error),
    /// A line has more bytes than allowed.
    LineTooLong {
        /// The number of the line, counted from 1.
        line: u64,
        /// The most bytes of a line.
        longest: usize,
    },
    /// A document has more bytes than allowed.
    DocumentTooLong {
        /// The number of the line in which the document begins.
        line: u64,
        /// The most bytes of a document.
        longest: usize,
    },
    /// The input ended within an array.
    NoEnd,
    /// The input has an encoding that cannot be read, such as UTF-16 or zip.
    Coding(Coding),
    /// The unpacked content of a gzip input is gzip again.
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

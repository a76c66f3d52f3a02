//! Tests of inputs of every form, read in pieces of several sizes.

mod broken;
mod forms;
mod limits;
mod same;

use std::io::{self, Read};

use crate::{Documents, Failure};

/// A reader of bytes that returns at most a given number of them per read.
struct Pieces(Vec<u8>, usize, usize);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self(bytes, at, size) = self;
        let read = (*size).min(buffer.len()).min(bytes.len() - *at);
        buffer[..read].copy_from_slice(&bytes[*at..*at + read]);
        *at += read;
        Ok(read)
    }
}

/// Everything that was read of an input until it ended or failed.
#[derive(Debug, Default)]
struct Found {
    documents: Vec<(u64, String)>,
    bytes: u64,
    failure: Option<String>,
}

impl Found {
    fn texts(&self) -> Vec<&str> {
        self.documents.iter().map(|(_, text)| text.as_str()).collect()
    }

    fn numbers(&self) -> Vec<u64> {
        self.documents.iter().map(|(number, _)| *number).collect()
    }
}

fn read_in_pieces(input: &[u8], size: usize, longest: usize) -> Found {
    let mut found = Found::default();
    let mut take = || -> Result<(), Failure> {
        let mut documents = Documents::open(Box::new(Pieces(input.to_vec(), 0, size)), longest)?;
        while let Some(chunk) = documents.read()? {
            found.bytes += chunk.blank;
            for piece in chunk.pieces {
                found.bytes += piece.size;
                let text = String::from_utf8_lossy(&piece.content).into_owned();
                found.documents.push((piece.number, text));
            }
        }
        Ok(())
    };
    let failure = take().err().map(|failure| failure.to_string());
    Found { failure, ..found }
}

/// Reads the input in one piece, and checks that reading it in small pieces gives the same result.
fn read(input: impl AsRef<[u8]>) -> Found {
    let input = input.as_ref();
    let whole = read_in_pieces(input, usize::MAX, 10_000);
    for size in [1, 2, 3, 7, 64] {
        let pieces = read_in_pieces(input, size, 10_000);
        assert_eq!(pieces.documents, whole.documents, "pieces of {size}");
        assert_eq!(pieces.failure, whole.failure, "pieces of {size}");
    }
    whole
}

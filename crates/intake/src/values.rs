//! Reads an input whose documents are found by their brackets: an array, or objects over several
//! lines.

use std::io::{self, Read};

use bytes::Bytes;

use crate::lines::CHUNK;
use crate::piece::{Chunk, Failure, Piece};
use crate::splitter::{Splitter, Step};

/// The most values that one chunk has. The limit bounds memory, because a value of few bytes takes
/// much more memory as a piece.
const MOST: usize = 4_096;

/// Splits an input into values in bounded memory.
pub(crate) struct Values<R> {
    input: R,
    /// The bytes that were read. Those before `begin` were returned already.
    buffer: Vec<u8>,
    begin: usize,
    /// Whether the buffer may hold another whole value.
    has_more: bool,
    splitter: Splitter,
    longest: usize,
    has_ended: bool,
    /// The failure that ends the input. It is reported after the pieces before it were returned.
    failure: Option<Failure>,
}

impl<R: Read> Values<R> {
    pub fn new(input: R, longest: usize) -> Self {
        let (buffer, splitter) = (Vec::new(), Splitter::default());
        let (begin, has_more, has_ended, failure) = (0, false, false, None);
        Self { input, buffer, begin, has_more, splitter, longest, has_ended, failure }
    }

    /// Reads once, and returns the values that are now complete, possibly none. `None` at the end
    /// of the input.
    pub fn read(&mut self) -> Result<Option<Chunk>, Failure> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if !self.has_more {
            if self.has_ended {
                return Ok(None);
            }
            self.fill().map_err(Failure::Unreadable)?;
        }
        Ok(Some(self.split()))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.begin);
        self.begin = 0;
        let begin = self.buffer.len();
        self.buffer.resize(begin + CHUNK, 0);
        let read = loop {
            match self.input.read(&mut self.buffer[begin..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let length = read.as_ref().copied().unwrap_or_default();
        self.buffer.truncate(begin + length);
        self.has_ended = read? == 0;
        Ok(())
    }

    fn split(&mut self) -> Chunk {
        let (mut chunk, mut used) = (Chunk::default(), self.begin);
        self.has_more = false;
        while self.failure.is_none() {
            if chunk.pieces.len() == MOST {
                self.has_more = true;
                break;
            }
            let step = self.next(used);
            let rest = &self.buffer[used..];
            let (content, line) = match &step.found {
                Some(found) => (&rest[found.range.clone()], found.line),
                None => (&rest[step.used..], self.splitter.line()),
            };
            if content.len() > self.longest {
                self.failure = Some(Failure::DocumentTooLong { line, longest: self.longest });
                break;
            }
            used += step.used;
            let Some(found) = step.found else {
                chunk.blank += step.used as u64;
                break;
            };
            let (content, size) = (Bytes::copy_from_slice(content), step.used as u64);
            chunk.pieces.push(Piece { number: found.number, line, content, size });
        }
        self.begin = used;
        let is_done = self.has_ended && !self.has_more;
        if is_done && self.failure.is_none() && self.splitter.has_no_end() {
            self.failure = Some(Failure::NoEnd);
        }
        chunk
    }

    /// Finds the next value after the bytes that were used. A value that is too long may only lack
    /// a closing bracket or quote. So the search is repeated, and the value then ends before the
    /// next line that begins like its first line.
    fn next(&mut self, used: usize) -> Step {
        let rest = &self.buffer[used..];
        let step = self.splitter.next(rest, self.has_ended);
        let length = rest.len() - step.used;
        if step.found.is_some() || length <= self.longest {
            return step;
        }
        self.splitter.end_by_line();
        self.splitter.next(&rest[step.used..], self.has_ended).after(step.used)
    }
}

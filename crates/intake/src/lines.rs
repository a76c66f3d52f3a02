//! Reads an input with one document in each line.

use std::io::{self, BufRead, BufReader, Read};
use std::mem;

use bytes::Bytes;

use crate::piece::{Chunk, Failure, Piece};

/// The most bytes that one read takes from the input.
pub(crate) const CHUNK: usize = 256 * 1024;

/// Splits an input into lines in bounded memory.
pub(crate) struct Lines<R> {
    input: BufReader<R>,
    /// The beginning of a line whose end was not read yet.
    begun: Vec<u8>,
    number: u64,
    longest: usize,
    /// Whether the incomplete line is too long. The failure is reported after the lines before it
    /// were returned.
    is_too_long: bool,
    /// Whether the end of the input was reached. Bytes that are added to the file later belong to
    /// the next run. Otherwise a line could be split between two reads and become two documents.
    has_ended: bool,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R, longest: usize) -> Self {
        let input = BufReader::with_capacity(CHUNK, input);
        Self { input, begun: Vec::new(), number: 0, longest, is_too_long: false, has_ended: false }
    }

    /// Reads once, and returns the lines that are now complete, possibly none. `None` at the end of
    /// the input. The last line needs no line break at its end.
    pub fn read(&mut self) -> Result<Option<Chunk>, Failure> {
        if self.is_too_long {
            let Self { longest, number, .. } = *self;
            return Err(Failure::LineTooLong { line: number + 1, longest });
        }
        if self.has_ended {
            return Ok(None);
        }
        let Self { input, begun, number, longest, is_too_long, has_ended } = self;
        let mut chunk = Chunk::default();
        let buffer = loop {
            match input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(Failure::Unreadable)?,
            }
        };
        let length = buffer.len();
        if length == 0 {
            *has_ended = true;
            let last = mem::take(begun);
            if !last.is_empty() {
                complete(number, &last, &mut chunk);
            }
            return Ok(Some(chunk).filter(|_| !last.is_empty()));
        }
        for part in buffer.split_inclusive(|byte| *byte == b'\n') {
            begun.extend_from_slice(part);
            // A line feed that follows this `\r` may come with the next read, so the `\r` does not
            // count.
            let counted = content(begun);
            *is_too_long = counted.strip_suffix(b"\r").unwrap_or(counted).len() > *longest;
            if *is_too_long {
                break;
            }
            if part.ends_with(b"\n") {
                complete(number, begun, &mut chunk);
                begun.clear();
            }
        }
        input.consume(length);
        Ok(Some(chunk))
    }
}

fn complete(number: &mut u64, line: &[u8], chunk: &mut Chunk) {
    *number += 1;
    let (content, size) = (content(line), line.len() as u64);
    if content.trim_ascii().is_empty() {
        chunk.blank += size;
        return;
    }
    let content = Bytes::copy_from_slice(content);
    chunk.pieces.push(Piece { number: *number, line: *number, content, size });
}

/// The line without its line break, which is `\n` or `\r\n`.
fn content(line: &[u8]) -> &[u8] {
    let Some(line) = line.strip_suffix(b"\n") else { return line };
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader of bytes that returns at most a given number of them per read.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    fn all(input: &[u8], piece: usize) -> (Vec<(u64, Vec<u8>)>, u64) {
        let mut lines = Lines::new(Pieces(input, piece), 100);
        let (mut found, mut bytes) = (Vec::new(), 0);
        while let Some(chunk) = lines.read().expect("lines") {
            bytes += chunk.blank + chunk.pieces.iter().map(|line| line.size).sum::<u64>();
            found.extend(chunk.pieces.into_iter().map(|line| (line.number, line.content.to_vec())));
        }
        (found, bytes)
    }

    #[test]
    fn lines_are_the_same_however_the_input_comes_in_pieces() {
        let input = b"{}\r\n\n \t\r\n a \n\xff\r\r\n\0\nlast\r";
        let expected: Vec<(u64, Vec<u8>)> = vec![
            (1, b"{}".into()),
            (4, b" a ".into()),
            (5, b"\xff\r".into()),
            (6, b"\0".into()),
            (7, b"last\r".into()),
        ];
        for piece in 1..=input.len() {
            assert_eq!(all(input, piece), (expected.clone(), input.len() as u64), "{piece}");
        }
        assert_eq!(all(b"", 1), (vec![], 0));
        assert_eq!(all(b"\n\n", 1), (vec![], 2));
    }

    /// A file that grows after its end was reached.
    struct Growing<'a>(Vec<&'a [u8]>);

    impl Read for Growing<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let next = if self.0.is_empty() { &b""[..] } else { self.0.remove(0) };
            buffer[..next.len()].copy_from_slice(next);
            Ok(next.len())
        }
    }

    #[test]
    fn what_is_appended_after_the_end_was_seen_is_left_for_the_next_run() {
        let mut lines = Lines::new(Growing(vec![b"{}\n{\"torn", b"", b"\":1}\n"]), 100);
        let mut found = Vec::new();
        while let Some(chunk) = lines.read().expect("lines") {
            found.extend(chunk.pieces.into_iter().map(|line| line.content.to_vec()));
        }
        assert_eq!(found, [b"{}".to_vec(), b"{\"torn".to_vec()]);
        assert!(lines.read().expect("the end").is_none());
    }

    #[test]
    fn a_line_that_is_too_long_is_named_before_it_is_read_to_its_end() {
        let endless = b"ok\n".chain(io::repeat(b'x'));
        let mut lines = Lines::new(endless, 3 * CHUNK);
        let failure = loop {
            match lines.read() {
                Ok(chunk) => assert!(chunk.is_some()),
                Err(failure) => break failure,
            }
        };
        assert!(matches!(failure, Failure::LineTooLong { line: 2, .. }), "{failure:?}");

        let fits = format!("{}\r\n", "x".repeat(100));
        assert_eq!(all(fits.as_bytes(), 1).0.len(), 1);
    }
}

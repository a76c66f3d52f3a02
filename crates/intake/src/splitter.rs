//! Splits bytes into the values in them: objects one after the other, and the elements of arrays.

use std::ops::Range;

use crate::scan::{End, Scan};

/// Splits bytes into values. An array that is not in another value is its elements.
///
/// Every byte but white space, commas between values and the brackets of such arrays is part of one
/// piece, right or wrong.
#[derive(Debug)]
pub struct Splitter {
    in_array: bool,
    /// The number of the current line.
    line: u64,
    /// The white space before this place, if there is nothing else before it in its line.
    indent: Option<usize>,
    /// The number of the last piece.
    number: u64,
    /// The value that has begun.
    scan: Option<Scan>,
    /// The bytes of all values so far, and those that were looked at behind the end of a value.
    passed: usize,
    wasted: usize,
    /// Whether the last value told that something is wrong with its brackets.
    is_broken: bool,
}

/// A value without its bracket is only known at the end of the input. So that many such values do not
/// cost the square of the input, each value ends before the next line that begins as it did, once so
/// many bytes and twice those of all values were looked at in vain.
const WASTED: usize = 1 << 20;

/// A value in the bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is in the bytes.
    pub range: Range<usize>,
    /// See [`Piece::number`](crate::Piece::number).
    pub number: u64,
    /// The number of the line in which it begins.
    pub line: u64,
}

/// How far the bytes were split.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// The bytes to be left out at the next call.
    pub used: usize,
    /// `None` if no value is complete. At the end of the input there is no more.
    pub found: Option<Found>,
}

impl Step {
    /// The same step, told from `bytes` further ahead.
    pub(crate) fn after(mut self, bytes: usize) -> Self {
        self.used += bytes;
        if let Some(found) = &mut self.found {
            found.range = found.range.start + bytes..found.range.end + bytes;
        }
        self
    }
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            in_array: false,
            line: 1,
            indent: Some(0),
            number: 0,
            scan: None,
            passed: 0,
            wasted: 0,
            is_broken: false,
        }
    }
}

impl Splitter {
    /// The next value. `bytes` begin behind what was used before. `has_ended` says that nothing
    /// follows them.
    pub fn next(&mut self, bytes: &[u8], has_ended: bool) -> Step {
        let skipped = if self.scan.is_none() { self.skip(bytes) } else { 0 };
        let rest = &bytes[skipped..];
        let Some(first) = rest.first() else { return Step { used: skipped, found: None } };
        let scan = self.scan.get_or_insert_with(|| Scan::new(*first, self.in_array, self.indent));
        if self.wasted > WASTED + 2 * self.passed {
            scan.end_by_line();
        }
        match scan.feed(rest, has_ended) {
            Some(end) => {
                self.wasted += scan.seen().saturating_sub(end.length);
                self.found(rest, skipped, end)
            }
            None => Step { used: skipped, found: None },
        }
    }

    /// Ends the value that has begun before the next line that begins as it did, whatever its
    /// brackets are.
    pub(crate) fn end_by_line(&mut self) {
        if let Some(scan) = &mut self.scan {
            scan.end_by_line();
        }
    }

    /// The line in which the next value begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Whether the input is cut off between two elements of an array. Within an element, the
    /// element itself shows it.
    #[must_use]
    pub fn has_no_end(&self) -> bool {
        self.in_array && !self.is_broken
    }

    fn found(&mut self, rest: &[u8], skipped: usize, end: End) -> Step {
        let whole = &rest[..end.length];
        let (content, is_cut) = (whole.trim_ascii_end(), whole.ends_with(b"\n"));
        self.passed += end.length;
        self.is_broken = end.is_broken;
        self.number = self.line.max(self.number + 1);
        self.scan = None;
        let line = self.line;
        self.line += end.lines;
        self.indent = is_cut.then_some(0);
        let range = skipped..skipped + content.len();
        let found = Some(Found { range, number: self.number, line });
        Step { used: skipped + end.length, found }
    }

    /// Passes over what is between values.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => (self.line, self.indent) = (self.line + 1, Some(0)),
                b' ' | b'\t' | b'\r' => self.indent = self.indent.map(|indent| indent + 1),
                b'[' if !self.in_array => self.enter(),
                b']' if self.in_array => (self.in_array, self.indent) = (false, None),
                b',' => self.indent = None,
                _ => return at,
            }
        }
        bytes.len()
    }

    /// Often the first element is behind the bracket, and each further one in a line of its own,
    /// behind a space.
    fn enter(&mut self) {
        (self.in_array, self.is_broken) = (true, false);
        self.indent = self.indent.map(|indent| indent + 1);
    }
}

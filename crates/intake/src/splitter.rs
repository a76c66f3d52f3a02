//! Splits bytes into JSON values: objects one after the other, and the elements of arrays.

use std::ops::Range;

use crate::scan::{End, Scan};

/// Splits bytes into JSON values. A top-level array is split into its elements.
///
/// White space and commas between values, and the brackets of top-level arrays, belong to no value.
/// Every other byte is part of exactly one value, even if the value is not valid JSON.
#[derive(Debug)]
pub struct Splitter {
    in_array: bool,
    /// The number of the current line.
    line: u64,
    /// The indentation at the present place. `None` if something other than white space stands
    /// before it in its line.
    indent: Option<usize>,
    /// The number of the last value, as in [`Found::number`].
    number: u64,
    /// The search for the end of the present value.
    scan: Option<Scan>,
    /// The bytes of all values so far. `wasted` counts the bytes that were scanned beyond the end
    /// of a value.
    passed: usize,
    wasted: usize,
    /// Whether the brackets or quotes of the last value were wrong.
    is_broken: bool,
}

/// The allowance of bytes that may be scanned in vain. A missing closing bracket is noticed only at
/// the end of the input, so many such values would cost quadratic time. The limit is this number
/// plus twice the bytes of all values. Once it is exceeded, each value ends before the next line
/// that begins like its first line.
const WASTED: usize = 1 << 20;

/// A complete value in the bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The range of the value in the bytes that were passed.
    pub range: Range<usize>,
    /// The unique number of the value, as in [`Piece::number`](crate::Piece::number).
    pub number: u64,
    /// The number of the line in which the value begins.
    pub line: u64,
}

/// The result of one call of [`Splitter::next`].
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of bytes that the caller must leave out at the next call.
    pub used: usize,
    /// The value that was found. `None` if no value is complete. At the end of the input, `None`
    /// means that no value is left.
    pub found: Option<Found>,
}

impl Step {
    /// The same step for a caller whose bytes begin `bytes` earlier.
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
    /// Finds the next value. `bytes` must begin after the bytes that earlier calls have used.
    /// `has_ended` says that no bytes will follow.
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

    /// The number of the line in which the next value begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Whether the input ended within an array, but not within an element. If it ended within an
    /// element, that element is a broken value, which shows the cut.
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

    /// Skips what stands between values. Returns the number of skipped bytes.
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

    /// Enters a top-level array. Its bracket counts as indentation, because often the first element
    /// stands directly after it, and each further element in its own line after one space.
    fn enter(&mut self) {
        (self.in_array, self.is_broken) = (true, false);
        self.indent = self.indent.map(|indent| indent + 1);
    }
}

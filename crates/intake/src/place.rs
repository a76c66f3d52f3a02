use std::fmt;

/// A place in a text. Line and column are counted from 1, and a column is one byte. `serde_json`
/// counts in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The byte within the line, counted from 1.
    pub column: usize,
}

impl Place {
    /// The place of the byte at `offset`.
    #[must_use]
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = &text[..offset.min(text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Self { line, column: 1 + before.len() - begin }
    }

    /// The byte offset of this place. Column 0 means the line break before the line.
    pub(crate) fn offset(self, text: &[u8]) -> usize {
        let mut lines = text.split_inclusive(|byte| *byte == b'\n');
        let begin: usize = lines.by_ref().take(self.line.saturating_sub(1)).map(<[u8]>::len).sum();
        (begin + self.column).saturating_sub(1).min(text.len())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

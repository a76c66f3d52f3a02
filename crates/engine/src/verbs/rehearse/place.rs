use super::expected::Expected;
use super::section::Test;

/// A column in the notation of the key `null`: `COLUMN` of the document's table, or
/// `TABLE.ROW.COLUMN` of a child table.
pub(super) struct Place<'a> {
    /// The child table and its row, counted from 0. `None` for a column of the document's table.
    pub child: Option<(&'a str, usize)>,
    pub column: &'a str,
}

impl<'a> Place<'a> {
    /// Parses the notation. The name of a table may contain a dot, but the name of a column may
    /// not.
    pub fn parse(text: &'a str) -> Self {
        let mut parts = text.rsplitn(3, '.');
        let parts = (parts.next(), parts.next(), parts.next());
        match parts {
            (Some(column), Some(row), Some(table)) => match row.parse() {
                Ok(row) => Self { child: Some((table, row)), column },
                Err(_) => Self { child: None, column: text },
            },
            _ => Self { child: None, column: text },
        }
    }

    /// The value that the test expects in this column. `None` if it expects none.
    pub fn value<'t>(&self, test: &'t Test) -> Option<&'t Expected> {
        match self.child {
            None => test.stored.as_ref()?.get(self.column),
            Some((table, row)) => test.children.get(table)?.get(row)?.get(self.column),
        }
    }
}

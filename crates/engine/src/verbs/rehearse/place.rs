use super::expected::Expected;
use super::section::Test;

/// A column as `null` names it: `COLUMN` of the document's table, or `TABLE.ROW.COLUMN`.
pub(super) struct Place<'a> {
    /// The table and the row of a child, counted from 0.
    pub child: Option<(&'a str, usize)>,
    pub column: &'a str,
}

impl<'a> Place<'a> {
    /// A table's name may contain a point, a column's name may not.
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

    /// The value that the test expects in the same column, if any.
    pub fn value<'t>(&self, test: &'t Test) -> Option<&'t Expected> {
        match self.child {
            None => test.stored.as_ref()?.get(self.column),
            Some((table, row)) => test.children.get(table)?.get(row)?.get(self.column),
        }
    }
}

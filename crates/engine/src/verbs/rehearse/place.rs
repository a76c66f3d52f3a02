use super::expected::Expected;
use super::section::Test;

/// A column as `null` names it: one of the document's row, or `TABLE.ROW.COLUMN`.
pub(super) struct Place<'a> {
    /// Table and row, counted from 0.
    pub child: Option<(&'a str, usize)>,
    pub column: &'a str,
}

impl<'a> Place<'a> {
    /// The name of a table may have a point in it, that of a column has none.
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

    /// What a test expects there otherwise.
    pub fn value<'t>(&self, test: &'t Test) -> Option<&'t Expected> {
        match self.child {
            None => test.stored.as_ref()?.get(self.column),
            Some((table, row)) => test.children.get(table)?.get(row)?.get(self.column),
        }
    }
}

//! The rules of the live tables, and where the columns that they read get their values.

use std::collections::BTreeMap;

use l0_mapping::filled::{Fill, Filled};
use l0_mapping::{Column, Mapping, Metadata, ValueOf};

use super::sql::{Kind, Token, tokens};

/// Where the value of a column comes from, as far as catalog and mapping tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// The value comes from the document.
    Document,
    /// The column is mapped, but NULL: the document has no value for it.
    Nothing,
    /// The value is the id of the parent row.
    Parent,
    /// The value is a constant default.
    Constant,
    /// The value is the rowid, a clock or another default of the database, or only a trigger can
    /// fill the column.
    Environment,
    /// The value is an expression over other columns.
    Generated,
    /// The origin is not known: the value changes with each delivery, or the catalog does not tell.
    Unknown,
}

/// What the catalog says about the tables of a mapping.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// The parent table, then its child tables.
    pub tables: Vec<Table>,
    /// The names of the CHECKs of all other tables.
    pub checks_elsewhere: Vec<String>,
    /// Triggers that an INSERT into the mapping's tables fires.
    pub triggers: Vec<String>,
    /// Whether the mapping's statements fit the present tables.
    pub statements_fit: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub name: String,
    /// Where each column gets its value; the names are in lower case.
    pub columns: BTreeMap<String, Source>,
    /// Columns that must not be NULL, as a refusal names them.
    pub not_null: Vec<Rule>,
    pub checks: Vec<Rule>,
    pub unique: Vec<Rule>,
    /// The columns of each foreign key, except the keys from a child table to its parent.
    pub foreign_keys: Vec<Vec<String>>,
    /// Whether INSERTs fire any triggers, and the body of one of them names this table.
    pub may_be_written_by_trigger: bool,
    /// Mapped columns that the document left empty, or may have left empty.
    pub left_empty: Vec<String>,
    /// Mapped columns, in lower case.
    pub mapped: Vec<String>,
    /// The number of rows that the record has for this table. `None` for a batch.
    pub rows: Option<usize>,
}

/// A rule: how a refusal names it, and the columns that it reads, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    pub says: String,
    pub columns: Vec<String>,
}

impl Rules {
    /// The rules as they apply to one record, given which of its cells are empty. `None` means a
    /// batch, in which any cell may be empty.
    pub fn bearing_on(mut self, mapping: &Mapping, record: Option<&[Fill]>) -> Self {
        for (place, (table, (_, columns))) in
            self.tables.iter_mut().zip(mapping.filled()).enumerate()
        {
            let fill = record.and_then(|record| record.get(place));
            table.rows = fill.map(|fill| fill.rows);
            for (at, column) in columns.iter().enumerate() {
                let filled = fill.and_then(|fill| fill.columns.get(at)).copied();
                table.add(column, filled.unwrap_or(Filled::Perhaps));
            }
        }
        self
    }
}

impl Table {
    fn add(&mut self, column: &Column, filled: Filled) {
        let name = column.name.to_ascii_lowercase();
        if filled != Filled::Always {
            self.left_empty.push(name.clone());
        }
        self.columns.insert(name.clone(), source(column, filled));
        self.mapped.push(name);
    }

    pub fn source(&self, column: &str) -> Source {
        self.columns.get(column).copied().unwrap_or(Source::Unknown)
    }

    pub fn sources(&self, columns: &[String]) -> Vec<Source> {
        columns.iter().map(|column| self.source(column)).collect()
    }
}

/// Where the value of a mapped column comes from. An empty cell becomes the column's default.
fn source(column: &Column, filled: Filled) -> Source {
    match (&column.value, &column.default, filled) {
        (ValueOf::Message(Metadata::Deliveries), ..) => Source::Unknown,
        (_, Some(default), Filled::Never) => of_default(default),
        (_, None, Filled::Never) => Source::Nothing,
        _ => Source::Document,
    }
}

/// Where a column gets its value if neither the document nor the writer fills it.
pub(crate) fn of_default(default: &str) -> Source {
    let words = tokens(default);
    let words = match &words[..] {
        [sign, words @ ..] if sign.is_mark("-") || sign.is_mark("+") => words,
        words => words,
    };
    let is_constant = |it: &Token<'_>| match it.kind {
        Kind::Bare => ["NULL", "TRUE", "FALSE"].iter().any(|word| it.is_keyword(word)),
        Kind::Quoted | Kind::Text | Kind::Number => true,
        Kind::Mark => false,
    };
    match words {
        [word] if is_constant(word) => Source::Constant,
        [x, bytes] if x.is_keyword("x") && bytes.kind == Kind::Text => Source::Constant,
        _ => Source::Environment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_constant_when_it_is_a_literal() {
        for default in ["'new'", "'it''s'", "0", "-1.5", "+ 2", "NULL", "true", "\"a\"", "x'00'"] {
            assert_eq!(of_default(default), Source::Constant, "{default}");
        }
        for default in ["CURRENT_TIMESTAMP", "strftime('%s')", "random()", "1 + random()", ""] {
            assert_eq!(of_default(default), Source::Environment, "{default}");
        }
    }
}

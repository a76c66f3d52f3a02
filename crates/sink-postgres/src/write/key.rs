//! The key of a table as parts of statements.

use l0_mapping::{ColumnType, Mapping};

use super::array::element_type;
use crate::tables::quote::quote;

/// The columns of the key. Within a statement the values of a batch are `k0`, `k1` and so on.
pub(crate) struct KeySql {
    columns: Vec<(String, ColumnType)>,
}

impl KeySql {
    pub fn of(mapping: &Mapping) -> Self {
        let columns = mapping.key_columns().map(|it| (quote(&it.name), it.column_type));
        Self { columns: columns.collect() }
    }

    /// The arrays of a batch, as parameters from this number: `$1::text[], $2::date[]`.
    pub fn arrays(&self, first: usize) -> String {
        self.each(|at, _, of| format!("${}::{}[]", first + at, element_type(of).name)).join(", ")
    }

    /// `"tenant", "day"`
    pub fn targets(&self) -> String {
        self.each(|_, column, _| column.to_owned()).join(", ")
    }

    /// `k0, k1`
    pub fn names(&self) -> String {
        self.each(|at, _, _| format!("k{at}")).join(", ")
    }

    /// `"tenant" AS k0, "day" AS k1`
    pub fn named(&self) -> String {
        self.each(|at, column, _| format!("{column} AS k{at}")).join(", ")
    }

    /// The SQL condition that a row `t` has the key whose parts are the expressions that `of`
    /// gives.
    pub fn is(&self, of: impl Fn(usize) -> String) -> String {
        self.each(|at, column, _| format!("t.{column} = {}", of(at))).join(" AND ")
    }

    /// The `ORDER BY` of keys. All writers lock keys in this order, so that they cannot deadlock.
    pub fn order(&self, of: impl Fn(usize) -> String) -> String {
        let collation = |of| if let ColumnType::Text { .. } = of { " COLLATE \"C\"" } else { "" };
        self.each(|at, _, column| format!("{}{}", of(at), collation(column))).join(", ")
    }

    /// The key as one text, as [`l0_mapping::Key`] prints it. `row` precedes each column: `t.`.
    pub fn text(&self, row: &str) -> String {
        let texts = self.each(|_, column, of| text(&format!("{row}{column}"), of));
        match &texts[..] {
            [text] => text.clone(),
            texts => {
                let escaped = |it| format!("replace(replace({it}, '~', '~0'), '/', '~1')");
                texts.iter().map(escaped).collect::<Vec<_>>().join(" || '/' || ")
            }
        }
    }

    fn each(&self, part: impl Fn(usize, &str, ColumnType) -> String) -> Vec<String> {
        let columns = self.columns.iter().enumerate();
        columns.map(|(at, (column, of))| part(at, column, *of)).collect()
    }
}

fn text(column: &str, of: ColumnType) -> String {
    match of {
        ColumnType::Timestamp => {
            format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        }
        _ => format!("{column}::text"),
    }
}

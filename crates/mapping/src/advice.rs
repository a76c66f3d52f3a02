use l0_stage::Finding;

use crate::{Catalog, CatalogTable, Child, ColumnType, Table};

impl Table {
    /// Parent columns of children that no index begins with, at their keys: whoever reads the rows
    /// of a document, or deletes one, reads the whole child table.
    #[must_use]
    pub fn unindexed_parents(&self, catalog: &Catalog) -> Vec<Finding> {
        let children = self.children.iter().enumerate();
        let unindexed = children.filter(|(_, child)| {
            let live = catalog.0.get(&child.name);
            live.is_some_and(|live| is_unindexed(live, &child.parent))
        });
        unindexed.map(|(at, child)| unindexed_parent(at, child)).collect()
    }

    /// Mapped columns that take fewer digits than documents may have, at their keys.
    #[must_use]
    pub fn narrow_numbers(&self, catalog: &Catalog) -> Vec<Finding> {
        let children = self.children.iter().enumerate();
        let children = children
            .map(|(at, child)| (&child.name, &child.columns, format!("children.{at}.columns")));
        let tables = std::iter::once((&self.name, &self.columns, "columns".to_owned()));
        let mut findings = Vec::new();
        for (table, columns, prefix) in tables.chain(children) {
            let Some(live) = catalog.0.get(table) else { continue };
            for name in columns.keys() {
                let Some(column) = live.columns.get(name) else { continue };
                let (Some(what), declared) = (narrowness(column.column_type), &column.declared)
                else {
                    continue;
                };
                let message = format!("column `{table}.{name}` is `{declared}`: {what}");
                let help = "use an exact type without a limit, if documents have such values";
                findings.push(Finding::new(format!("{prefix}.{name}"), message).help(help));
            }
        }
        findings
    }
}

fn is_unindexed(live: &CatalogTable, column: &str) -> bool {
    live.columns.contains_key(column)
        && !live.indexed.contains_key(column)
        && !live.unique.contains(column)
}

fn unindexed_parent(at: usize, child: &Child) -> Finding {
    let Child { name, parent, .. } = child;
    let message = format!("no index begins with column `{name}.{parent}`");
    let help = format!("CREATE INDEX ON {name} ({parent})");
    Finding::new(format!("children.{at}.parent"), message).help(help)
}

fn narrowness(column: Option<ColumnType>) -> Option<&'static str> {
    match column? {
        ColumnType::Numeric { limit: Some(_) } => {
            Some("a value with more digits is a dead letter, not rounded")
        }
        ColumnType::Real => Some("7 digits of a number are kept, the document keeps them all"),
        ColumnType::Double => Some("15 digits of a number are kept, the document keeps them all"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_fewer_digits_than_a_document_is_narrow() {
        for narrow in
            [ColumnType::Numeric { limit: Some((10, 2)) }, ColumnType::Real, ColumnType::Double]
        {
            assert!(narrowness(Some(narrow)).is_some(), "{narrow:?}");
        }
        for wide in [ColumnType::Numeric { limit: None }, ColumnType::BigInt, ColumnType::Json] {
            assert!(narrowness(Some(wide)).is_none(), "{wide:?}");
        }
    }
}

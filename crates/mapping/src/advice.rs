//! Warnings of `doctor` about tables that fit the mapping but may cause trouble later.

use l0_stage::Finding;

use crate::{Catalog, CatalogTable, Child, ColumnType, Metadata, Table, ValueOf};

impl Table {
    /// Finds the child tables without an index that begins with their parent column. Without this
    /// index the database reads the whole child table to find the rows of one document. `create` is
    /// the beginning of the SQL statement that the help shows.
    #[must_use]
    pub fn unindexed_parents(&self, catalog: &Catalog, create: &str) -> Vec<Finding> {
        let children = self.children.iter().enumerate();
        let unindexed = children.filter(|(_, child)| {
            let live = catalog.0.get(&child.name);
            live.is_some_and(|live| is_unindexed(live, &child.parent))
        });
        unindexed.map(|(at, child)| unindexed_parent(at, child, create)).collect()
    }

    /// Finds the mapped columns that hold fewer digits than their values may have.
    #[must_use]
    pub fn narrow_numbers(&self, catalog: &Catalog) -> Vec<Finding> {
        let children = self.children.iter().enumerate();
        let children = children
            .map(|(at, child)| (&child.name, &child.columns, format!("children.{at}.columns")));
        let tables = std::iter::once((&self.name, &self.columns, "columns".to_owned()));
        let mut findings = Vec::new();
        for (table, columns, prefix) in tables.chain(children) {
            let Some(live) = catalog.0.get(table) else { continue };
            for (name, value) in columns {
                let Some(column) = live.columns.get(name) else { continue };
                let narrow = column.column_type.and_then(|it| narrowness(value, it));
                let Some((what, help)) = narrow else { continue };
                let message = format!("column `{table}.{name}` is `{}`: {what}", column.declared);
                findings.push(Finding::new(format!("{prefix}.{name}"), message).help(help));
            }
        }
        findings
    }
}

fn is_unindexed(live: &CatalogTable, column: &str) -> bool {
    live.columns.contains_key(column)
        && !live.indexed.contains_key(column)
        && !live.is_unique(column)
}

fn unindexed_parent(at: usize, child: &Child, create: &str) -> Finding {
    let Child { name, parent, .. } = child;
    let message = format!("no index begins with column `{name}.{parent}`");
    let help = format!("{create} {name}_{parent} ON {name} ({parent})");
    Finding::new(format!("children.{at}.parent"), message).help(help)
}

/// Which digits a column may lose or refuse, and what to do about it.
fn narrowness(value: &ValueOf, column: ColumnType) -> Option<(String, &'static str)> {
    match value {
        ValueOf::Document(_) => narrow_for_documents(column),
        ValueOf::Message(Metadata::Sequence) => narrow_for_sequence(column),
        ValueOf::Message(_) => None,
    }
}

fn narrow_for_documents(column: ColumnType) -> Option<(String, &'static str)> {
    let kept = |digits: u8| {
        let what = format!(
            "only {digits} digits of a number are kept; the document column keeps all of them"
        );
        Some((what, "use an exact type without a limit, if documents have such values"))
    };
    match column {
        ColumnType::Numeric { limit: Some((precision, scale)) } => {
            let what = format!(
                "a number of {} or more, or with a digit other than 0 below {}, is a dead letter, \
                 not rounded",
                power_of_ten(precision - scale),
                power_of_ten(-scale),
            );
            Some((what, "use an exact type without a limit, or tell producers about this limit"))
        }
        ColumnType::NumericAffinity { .. } => Some((
            "a number of more than 15 digits that is not a 64-bit integer is a dead letter, not rounded"
                .to_owned(),
            "declare it `DECIMAL_TEXT`, which keeps every digit, if documents have such values",
        )),
        ColumnType::Real => kept(7),
        ColumnType::Double => kept(15),
        _ => None,
    }
}

/// A warning for an integer column that is too small for `@sequence`, which grows by one per
/// message.
fn narrow_for_sequence(column: ColumnType) -> Option<(String, &'static str)> {
    let (_, most) = column.integers().filter(|_| column != ColumnType::BigInt)?;
    let what = format!(
        "once `@sequence` exceeds {most}, every message becomes a dead letter, because sequences \
         of a stream have 64 bits and only grow"
    );
    Some((what, "use a 64-bit integer column"))
}

/// A power of ten as `0.01`, `1` or `1000`. With more than twelve zeros it is written as `1e18`.
fn power_of_ten(exponent: i32) -> String {
    match usize::try_from(exponent) {
        Ok(zeros @ 0..=12) => format!("1{}", "0".repeat(zeros)),
        Err(_) if exponent >= -12 => {
            format!("{:.*}", exponent.unsigned_abs() as usize, 10_f64.powi(exponent))
        }
        _ => format!("1e{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONEY: ColumnType = ColumnType::Numeric { limit: Some((10, 2)) };

    fn narrow(value: &str, column: ColumnType) -> Option<String> {
        narrowness(&ValueOf::parse(value).unwrap(), column).map(|(what, _)| what)
    }

    #[test]
    fn what_holds_fewer_digits_than_a_document_is_narrow() {
        for column in [MONEY, ColumnType::Real, ColumnType::Double] {
            assert!(narrow("/price", column).is_some(), "{column:?}");
        }
        for wide in [ColumnType::Numeric { limit: None }, ColumnType::BigInt, ColumnType::Json] {
            assert_eq!(narrow("/price", wide), None, "{wide:?}");
        }
    }

    #[test]
    fn the_limits_of_a_decimal_are_told_as_numbers() {
        let limits = [
            ((10, 2), "100000000 or more, or with a digit other than 0 below 0.01,"),
            ((5, 0), "100000 or more, or with a digit other than 0 below 1,"),
            ((3, -2), "100000 or more, or with a digit other than 0 below 100,"),
            ((3, 5), "0.01 or more, or with a digit other than 0 below 0.00001,"),
            ((38, 20), "1e18 or more, or with a digit other than 0 below 1e-20,"),
        ];
        for (limit, told) in limits {
            let what = narrow("/price", ColumnType::Numeric { limit: Some(limit) }).unwrap();
            assert!(what.contains(told), "{what}");
        }
    }

    #[test]
    fn a_sequence_outgrows_every_integer_but_the_widest() {
        for (column, most) in [(ColumnType::Int, "2147483647"), (ColumnType::SmallInt, "32767")] {
            assert!(narrow("@sequence", column).unwrap().contains(most), "{column:?}");
            assert_eq!(narrow("@deliveries", column), None);
            assert_eq!(narrow("/count", column), None, "documents know what they count");
        }
        assert_eq!(narrow("@sequence", ColumnType::BigInt), None);
        assert_eq!(narrow("@sequence", ColumnType::Text { max: None }), None);
    }
}

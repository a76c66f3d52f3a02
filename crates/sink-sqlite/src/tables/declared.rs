//! What the declared type of a column means. SQLite itself reads only an affinity from it
//! (<https://www.sqlite.org/datatype3.html>).

use l0_mapping::{Catalog, CatalogTable, ColumnType, Table};
use l0_stage::Finding;

/// What a column of this type holds. `None` if no mapping can fill it.
pub(crate) fn column_type(declared: &str) -> Option<ColumnType> {
    let (name, arguments) = parse(declared);
    Some(match (name.as_str(), &arguments[..]) {
        ("INTEGER" | "INT" | "BIGINT", []) => ColumnType::BigInt,
        ("SMALLINT", []) => ColumnType::SmallInt,
        ("REAL" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT", []) => ColumnType::Double,
        ("TEXT" | "VARCHAR", []) => ColumnType::Text { max: None },
        ("TEXT" | "VARCHAR", [max]) => ColumnType::Text { max: usize::try_from(*max).ok() },
        ("BOOLEAN", []) => ColumnType::Boolean,
        ("DECIMAL_TEXT", []) => ColumnType::Numeric { limit: None },
        ("DECIMAL_TEXT", [precision]) => ColumnType::Numeric { limit: Some((*precision, 0)) },
        ("DECIMAL_TEXT", [precision, scale]) => {
            ColumnType::Numeric { limit: Some((*precision, *scale)) }
        }
        ("TIMESTAMP_TEXT", []) => ColumnType::Timestamp,
        ("DATE_TEXT", []) => ColumnType::Date,
        ("UUID_TEXT", []) => ColumnType::Uuid,
        ("JSON_TEXT", []) => ColumnType::Json,
        _ => return None,
    })
}

/// `DECIMAL_TEXT(10, 2)` is the name in capitals and the numbers in its parentheses.
fn parse(declared: &str) -> (String, Vec<i32>) {
    let (name, arguments) = declared.split_once('(').unwrap_or((declared, ""));
    let name = name.trim().to_ascii_uppercase();
    let arguments = arguments.trim_end().trim_end_matches(')');
    let numbers = arguments.split(',').filter(|it| !it.trim().is_empty());
    // Text that is not a number counts as one argument too many for every type.
    let numbers = numbers.flat_map(|it| it.trim().parse().map_or(vec![0; 3], |it| vec![it]));
    (name, numbers.collect())
}

/// Adds to a finding of the mapping what to do in SQLite.
pub(crate) fn advise(mut finding: Finding, table: &Table, catalog: &Catalog) -> Finding {
    if let Some(help) = advice(&finding.key, table, catalog) {
        finding.help = Some(help);
    }
    finding
}

/// `None` if the mapping's own help is enough.
fn advice(key: &str, table: &Table, catalog: &Catalog) -> Option<String> {
    let parent = catalog.0.get(&table.name);
    let has = |column: &str| parent.is_some_and(|live| live.columns.contains_key(column));
    if key == "id" && has(&table.id) {
        return Some("declare it `INTEGER PRIMARY KEY AUTOINCREMENT`".to_owned());
    }
    if key == "document" && has(&table.document) {
        return Some("declare it `JSON_TEXT NOT NULL` or `TEXT NOT NULL`".to_owned());
    }
    if key == "stored" && has(table.stored.as_ref()?) {
        let default = "DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
        return Some(format!("declare it `TIMESTAMP_TEXT NOT NULL {default}`"));
    }
    if let Some(column) = key.strip_prefix("columns.") {
        return type_advice(parent?, column);
    }
    let (at, rest) = key.strip_prefix("children.")?.split_once('.')?;
    let child = table.children.get(at.parse::<usize>().ok()?)?;
    type_advice(catalog.0.get(&child.name)?, rest.strip_prefix("columns.")?)
}

fn type_advice(live: &CatalogTable, column: &str) -> Option<String> {
    let column = live.columns.get(column)?;
    if column.column_type.is_some() || column.generated_always {
        return None;
    }
    let instead = match parse(&column.declared).0.as_str() {
        "NUMERIC" | "DECIMAL" | "NUMBER" | "MONEY" => {
            return Some(
                "declare it `DECIMAL_TEXT`: SQLite would make a binary float of its digits"
                    .to_owned(),
            );
        }
        "TIMESTAMP" | "TIMESTAMPTZ" | "DATETIME" => "TIMESTAMP_TEXT",
        "DATE" => "DATE_TEXT",
        "UUID" => "UUID_TEXT",
        "JSON" | "JSONB" => "JSON_TEXT",
        _ => {
            return Some(
                "declare it INTEGER, REAL, TEXT, VARCHAR(n), BOOLEAN, DECIMAL_TEXT, \
                 TIMESTAMP_TEXT, DATE_TEXT, UUID_TEXT or JSON_TEXT"
                    .to_owned(),
            );
        }
    };
    Some(format!("declare it `{instead}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_type_tells_what_its_column_holds() {
        let numeric = |limit| Some(ColumnType::Numeric { limit });
        for (declared, expected) in [
            ("integer", Some(ColumnType::BigInt)),
            ("VARCHAR(20)", Some(ColumnType::Text { max: Some(20) })),
            ("varchar ( 20 )", Some(ColumnType::Text { max: Some(20) })),
            ("TEXT", Some(ColumnType::Text { max: None })),
            ("Double Precision", Some(ColumnType::Double)),
            ("DECIMAL_TEXT", numeric(None)),
            ("DECIMAL_TEXT(10,2)", numeric(Some((10, 2)))),
            ("DECIMAL_TEXT(10, -2)", numeric(Some((10, -2)))),
            ("TIMESTAMP_TEXT", Some(ColumnType::Timestamp)),
            ("NUMERIC", None),
            ("DECIMAL(10,2)", None),
            ("INTEGER(4)", None),
            ("VARCHAR(max)", None),
            ("BLOB", None),
            ("", None),
        ] {
            assert_eq!(column_type(declared), expected, "{declared}");
        }
    }
}

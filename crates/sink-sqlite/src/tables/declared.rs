//! What the declared type of a column means. SQLite itself reads only an affinity from it
//! (<https://www.sqlite.org/datatype3.html>).

use l0_mapping::{Catalog, CatalogTable, ColumnType, Table};
use l0_stage::Finding;

/// What a column of this type holds. `None` if no mapping can fill it.
pub(crate) fn column_type(declared: &str) -> Option<ColumnType> {
    let (name, arguments) = parse(declared);
    let limit = match arguments[..] {
        [] => Some(None),
        [precision] => Some(Some((precision, 0))),
        [precision, scale] => Some(Some((precision, scale))),
        _ => None,
    };
    by_name(&name, limit).or_else(|| by_affinity(&name, &arguments, limit))
}

/// The types that SQLite does not know, by their usual meaning. Their affinity leaves each of these
/// texts as it is.
fn by_name(name: &str, limit: Option<Option<(i32, i32)>>) -> Option<ColumnType> {
    Some(match name {
        "SMALLINT" => ColumnType::SmallInt,
        "BOOLEAN" | "BOOL" => ColumnType::Boolean,
        "DECIMAL_TEXT" => ColumnType::Numeric { limit: limit? },
        "TIMESTAMP_TEXT" | "TIMESTAMP" | "DATETIME" | "TIMESTAMPTZ" => ColumnType::Timestamp,
        "DATE_TEXT" | "DATE" => ColumnType::Date,
        "TIME" => ColumnType::Time,
        "UUID_TEXT" | "UUID" => ColumnType::Uuid,
        "JSON_TEXT" => ColumnType::Json,
        _ => return None,
    })
}

/// Applies SQLite's rules for affinities, in their order. A numeric affinity turns every text that
/// looks like a number into one, so only numbers may be stored there.
fn by_affinity(
    name: &str,
    arguments: &[i32],
    limit: Option<Option<(i32, i32)>>,
) -> Option<ColumnType> {
    const NUMBERS: [&str; 6] = ["NUMERIC", "DECIMAL", "DEC", "NUMBER", "MONEY", "CURRENCY"];
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    Some(match () {
        () if has(&["INT"]) => ColumnType::BigInt,
        () if has(&["CHAR", "CLOB", "TEXT"]) => match arguments {
            [] => ColumnType::Text { max: None },
            [max] => ColumnType::Text { max: usize::try_from(*max).ok() },
            _ => return None,
        },
        () if has(&["BLOB"]) => ColumnType::Bytes,
        () if has(&["REAL", "FLOA", "DOUB"]) => ColumnType::Double,
        () if NUMBERS.contains(&name) => ColumnType::NumericAffinity { limit: limit? },
        () => return None,
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

/// Adds to a finding of the mapping a help text for SQLite.
pub(crate) fn advise(mut finding: Finding, table: &Table, catalog: &Catalog) -> Finding {
    if let Some(help) = advice(&finding.key, table, catalog) {
        finding.help = Some(help);
    }
    finding
}

/// The help text for SQLite. `None` if the mapping's own help text is enough.
fn advice(key: &str, table: &Table, catalog: &Catalog) -> Option<String> {
    let parent = catalog.0.get(&table.name);
    let has = |column: &str| parent.is_some_and(|live| live.columns.contains_key(column));
    if key == "id" && has(&table.id) {
        return Some("declare it `INTEGER PRIMARY KEY AUTOINCREMENT`".to_owned());
    }
    if key == "document" && table.document.as_deref().is_some_and(has) {
        return Some("declare it `JSON_TEXT` or `TEXT`".to_owned());
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
        "JSON" | "JSONB" => {
            "declare it `JSON_TEXT`: SQLite would make a number of JSON such as `1.10`"
        }
        _ => {
            "declare it INTEGER, REAL, TEXT, VARCHAR(n), BOOLEAN, NUMERIC, DECIMAL_TEXT, DATETIME, \
             DATE, TIME, UUID, BLOB or JSON_TEXT"
        }
    };
    Some(instead.to_owned())
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
            ("NUMERIC", Some(ColumnType::NumericAffinity { limit: None })),
            ("DECIMAL(10,2)", Some(ColumnType::NumericAffinity { limit: Some((10, 2)) })),
            ("INTEGER(4)", Some(ColumnType::BigInt)),
            ("TINYINT", Some(ColumnType::BigInt)),
            ("UNSIGNED BIG INT", Some(ColumnType::BigInt)),
            ("INT8", Some(ColumnType::BigInt)),
            ("NVARCHAR(100)", Some(ColumnType::Text { max: Some(100) })),
            ("character(2)", Some(ColumnType::Text { max: Some(2) })),
            ("CLOB", Some(ColumnType::Text { max: None })),
            ("DATETIME", Some(ColumnType::Timestamp)),
            ("TIMESTAMP", Some(ColumnType::Timestamp)),
            ("DATE", Some(ColumnType::Date)),
            ("FLOAT(8)", Some(ColumnType::Double)),
            ("BLOB", Some(ColumnType::Bytes)),
            ("VARCHAR(max)", None),
            ("JSON", None),
            ("STRING", None),
            ("", None),
        ] {
            assert_eq!(column_type(declared), expected, "{declared}");
        }
    }
}

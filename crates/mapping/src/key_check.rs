//! Checks the columns of the key against the catalog, and finds the fields by which documents can
//! be found.

use l0_stage::Finding;

use crate::misfits::Misfits;
use crate::{Catalog, CatalogTable, ColumnType, Field, FieldColumn, Key, Table};

pub(crate) fn check(live: &CatalogTable, table: &Table, findings: &mut Misfits) {
    let names = table.key.columns();
    if !names.iter().all(|name| live.columns.contains_key(name)) {
        return; // an absent column has a finding of its own
    }
    let unsuited = names.iter().enumerate().filter_map(|(at, name)| {
        let (what, help) = unsuited(live, name)?;
        let message = format!("key column `{}.{name}` {what}", table.name);
        Some(Finding::new(table.key.place(at), message).help(help))
    });
    let unsuited: Vec<_> = unsuited.collect();
    match unsuited.is_empty() {
        true => findings.extend(not_unique(live, table)),
        false => findings.extend(unsuited),
    }
}

/// Why a column cannot be a part of a key, and what to do about it.
pub(crate) fn unsuited(live: &CatalogTable, name: &str) -> Option<(String, &'static str)> {
    let column = live.columns.get(name)?;
    let declared = &column.declared;
    let what = match column.column_type? {
        ColumnType::Numeric { .. } | ColumnType::Real | ColumnType::Double => {
            format!(
                "is `{declared}`: in this type 1 and 1.0 are equal, so different keys would be one"
            )
        }
        ColumnType::Timestamp if declared.contains('(') && !declared.contains("(6)") => {
            let what = format!("is `{declared}`: it rounds, so different keys would be one");
            return Some((what, "make it timestamptz without a precision"));
        }
        of if !Key::suits(of) => format!("is `{declared}`"),
        _ if !column.deterministic => {
            let what = "treats different texts as equal".to_owned();
            return Some((what, "give it a deterministic collation"));
        }
        _ => return None,
    };
    Some((what, "a key is text, varchar, an integer, uuid, date or timestamptz"))
}

fn not_unique(live: &CatalogTable, table: &Table) -> Option<Finding> {
    let names = table.key.columns();
    let quoted = || names.iter().map(|name| format!("`{}.{name}`", table.name));
    let columns = match names {
        [_] => format!("key column {}", quoted().collect::<String>()),
        _ => format!("key columns {}", quoted().collect::<Vec<_>>().join(", ")),
    };
    let finding = |what: &str, help: String| {
        Some(Finding::new("key", format!("{columns} {what}")).help(help))
    };
    match live.unique.get(&table.key.set()) {
        Some(index) if index.is_loose => {
            let help = "use text columns with a deterministic collation, the index too";
            finding("treats different texts as equal", help.to_owned())
        }
        Some(_) => None,
        None if names.len() == 1 => finding("is not unique", advice(live, table)),
        None => finding("are not unique together", advice(live, table)),
    }
}

/// What to do about a key without a unique index. If a unique index has further columns, the advice
/// is to use all of them as the key. A partitioned table may allow no other index, because its
/// unique indexes must contain the columns of its partition key.
fn advice(live: &CatalogTable, table: &Table) -> String {
    let key = table.key.set();
    if let Some(wider) = live.unique.keys().find(|columns| columns.is_superset(&key)) {
        let others = wider.difference(&key);
        let all: Vec<_> = table.key.columns().iter().chain(others).collect();
        return format!("an index makes `key = {all:?}` unique: use this key, and map its columns");
    }
    let columns = if key.len() == 1 { "it" } else { "exactly these columns" };
    format!("give {columns} a UNIQUE constraint that is not deferrable")
}

impl Table {
    /// The fields by which documents can be found, the key first. The id is not among the fields,
    /// because a look-up by id is a request of its own.
    #[must_use]
    pub fn fields(&self, catalog: &Catalog) -> Vec<Field> {
        let Some(live) = catalog.0.get(&self.name) else { return Vec::new() };
        let key = self.key.columns();
        let of_key = match key {
            [name] => live.indexed.get(name),
            _ => live.unique.get(&self.key.set()).map(|index| &index.name),
        };
        let of_key =
            of_key.and_then(|index| self.field(live, &key.iter().collect::<Vec<_>>(), index));
        let others = live.indexed.iter().filter(|(name, _)| key != [(*name).clone()]);
        let others = others.filter_map(|(name, index)| self.field(live, &[name], index));
        let suits = |field: &Field| field.columns.iter().all(|it| Field::suits(it.column_type));
        of_key.into_iter().chain(others.filter(suits)).collect()
    }

    fn field(&self, live: &CatalogTable, names: &[&String], index: &str) -> Option<Field> {
        let column = |name: &&String| {
            let column = live.columns.get(*name)?;
            let column_type = column.column_type.filter(|it| Key::suits(*it))?;
            let usable = column.missing_privilege.is_none() && **name != self.id;
            usable.then(|| FieldColumn { name: (*name).clone(), column_type })
        };
        let columns = names.iter().map(column).collect::<Option<Vec<_>>>()?;
        let name = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join("/");
        Some(Field { name, columns, index: index.to_owned() })
    }
}

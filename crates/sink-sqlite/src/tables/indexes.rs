//! Reads the indexes of a table that matter to a mapping.

use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::UniqueIndex;
use rusqlite::Connection;

/// The unique indexes of a table, and whether its primary key has one.
#[derive(Default)]
pub(super) struct Unique {
    /// The unique indexes over plain columns and all rows, by their columns.
    pub unique: BTreeMap<BTreeSet<String>, UniqueIndex>,
    /// Whether the primary key has an index.
    pub primary: bool,
}

/// An index while its columns are being read. `None` stands for an expression in place of a column.
#[derive(Default)]
struct Found {
    columns: BTreeSet<Option<String>>,
    is_partial: bool,
    is_loose: bool,
}

pub(super) fn unique(
    connection: &Connection,
    schema: &str,
    table: &str,
) -> rusqlite::Result<Unique> {
    let mut statement = connection.prepare(
        "SELECT l.name, l.origin, l.partial, x.name AS column_name, x.coll
         FROM pragma_index_list(?1, ?2) AS l
         JOIN pragma_index_xinfo(l.name, ?2) AS x ON x.\"key\"
         WHERE l.\"unique\"",
    )?;
    let (mut indexes, mut primary) = (BTreeMap::<String, Found>::new(), false);
    let mut rows = statement.query([table, schema])?;
    while let Some(row) = rows.next()? {
        primary |= row.get_ref("origin")?.as_str()? == "pk";
        let index = indexes.entry(row.get("name")?).or_default();
        index.is_partial = row.get("partial")?;
        index.is_loose |= !row.get_ref("coll")?.as_str()?.eq_ignore_ascii_case("BINARY");
        index.columns.insert(row.get("column_name")?);
    }
    let mut unique = Unique { primary, ..Unique::default() };
    indexes.into_iter().for_each(|(name, found)| unique.add(name, found));
    Ok(unique)
}

impl Unique {
    fn add(&mut self, name: String, found: Found) {
        let columns: Option<BTreeSet<String>> = found.columns.into_iter().collect();
        let Some(columns) = columns.filter(|_| !found.is_partial) else { return };
        let known = self.unique.entry(columns).or_default();
        known.is_loose |= found.is_loose;
        known.name = name;
    }
}

/// Columns that an index of all rows begins with, and the name of that index. Every index ends with
/// the rowid. The fewer columns stand before the rowid, the better does the index give rows in the
/// order of their ids.
pub(super) fn leading(
    connection: &Connection,
    schema: &str,
    table: &str,
) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare(
        "SELECT x.name, l.name
         FROM pragma_index_list(?1, ?2) AS l
         JOIN pragma_index_xinfo(l.name, ?2) AS x ON x.seqno = 0
         WHERE NOT l.partial AND x.name IS NOT NULL AND x.coll = 'BINARY' COLLATE NOCASE
         ORDER BY (SELECT count(*) FROM pragma_index_info(l.name, ?2)) DESC",
    )?;
    let columns = statement.query_map([table, schema], |row| Ok((row.get(0)?, row.get(1)?)))?;
    columns.collect()
}

use std::sync::Arc;

use l0_mapping::{ChildMapping, Column, ColumnType, Mapping};

use crate::array::element_type;
use crate::catalog::{Live, quote};
use crate::entries::EntryStatements;

/// The constant texts of a mapping, prepared once per connection.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Inserts the first documents of their keys with all their children.
    pub insert: Arc<str>,
    /// Reads id, key and document of the keys in `$1`.
    pub compare: Arc<str>,
    /// Reads id and document of the ids in `$1`.
    pub read: Arc<str>,
    /// What is known of documents.
    pub entries: EntryStatements,
    /// Constraints that keep the id unique: refused by one of them, no document is to blame.
    id_constraints: Vec<String>,
}

impl Statements {
    pub fn new(mapping: &Mapping, live: Live) -> Self {
        let name = |table: &String| live.qualified.get(table).unwrap_or(table).clone();
        let parent = name(&mapping.table.name);
        let (id, key) = (quote(&mapping.table.id), quote(&mapping.table.key));
        let document = quote(&mapping.table.document);
        let key_type = element_type(mapping.key_column().column_type).name;

        let mut parameters = Parameters::default();
        let at = mapping.columns.iter().position(|column| column.name == mapping.table.key);
        let keys = format!("${}::{key_type}[]", at.unwrap_or_default() + 1);
        let mut ctes = vec![insert_parents(mapping, &parent, &mut parameters)];
        for (at, child) in mapping.children.iter().enumerate() {
            let insert = insert_children(child, &name(&child.name), &keys, &mut parameters);
            ctes.push(format!("child{at} AS ({insert})"));
        }
        let insert = format!("WITH {} SELECT id, key::text FROM stored", ctes.join(",\n"));
        let compare = format!(
            "SELECT {id}::bigint, {key}::text, {document}::text FROM {parent} WHERE {key} = ANY($1::{key_type}[])"
        );
        let read = format!(
            "SELECT {id}::bigint, {document}::text FROM {parent} WHERE {id} = ANY($1::bigint[])"
        );
        Self {
            insert: insert.into(),
            compare: compare.into(),
            read: read.into(),
            entries: EntryStatements::new(mapping, &parent),
            id_constraints: live.id_constraints,
        }
    }

    pub fn is_of_id(&self, constraint: &str) -> bool {
        self.id_constraints.iter().any(|name| name == constraint)
    }
}

/// Numbers the array parameters in the order in which the writer binds them.
#[derive(Default)]
struct Parameters(usize);

impl Parameters {
    fn unnest(&mut self, types: impl IntoIterator<Item = &'static str>) -> String {
        let next = types.into_iter().map(|name| {
            self.0 += 1;
            format!("${}::{name}[]", self.0)
        });
        format!("unnest({})", next.collect::<Vec<_>>().join(", "))
    }
}

/// The scalar subquery looks each key up by its index, whatever the planner thinks of the table,
/// and keeps duplicates from burning ids. The order makes ids follow the keys and all writers lock
/// keys in one order, so that two batches cannot deadlock.
fn insert_parents(mapping: &Mapping, parent: &str, parameters: &mut Parameters) -> String {
    let columns = &mapping.columns;
    let (id, key) = (quote(&mapping.table.id), quote(&mapping.table.key));
    let types = columns.iter().map(|column| element_type(column.column_type).name);
    let unnest = parameters.unnest(types.chain([element_type(mapping.document).name]));
    let targets = columns.iter().map(|column| quote(&column.name));
    let targets = list(targets.chain([quote(&mapping.table.document)]));
    let aliases =
        list((0..columns.len()).map(|at| format!("c{at}")).chain(["document".to_owned()]));
    let values = list(values(columns).chain(["u.document".to_owned()]));
    let at = columns.iter().position(|column| column.name == mapping.table.key).unwrap_or_default();
    let collate = match mapping.key_column().column_type {
        ColumnType::Text { .. } => " COLLATE \"C\"",
        _ => "",
    };
    format!(
        "stored AS (INSERT INTO {parent} ({targets})
         SELECT {values} FROM {unnest} AS u({aliases})
         WHERE (SELECT t.{id} FROM {parent} t WHERE t.{key} = u.c{at}) IS NULL
         ORDER BY u.c{at}{collate}
         ON CONFLICT ({key}) DO NOTHING
         RETURNING {id}::bigint AS id, {key} AS key)"
    )
}

/// A child row names its parent by its place in the array of keys: a number, however long the key.
fn insert_children(
    child: &ChildMapping,
    table: &str,
    keys: &str,
    parameters: &mut Parameters,
) -> String {
    let columns = &child.columns;
    let types = columns.iter().map(|column| element_type(column.column_type).name);
    let unnest = parameters.unnest(["bigint"].into_iter().chain(types));
    let targets = [quote(&child.parent)].into_iter();
    let targets = list(targets.chain(columns.iter().map(|column| quote(&column.name))));
    let aliases = (0..columns.len()).map(|at| format!("c{at}"));
    let aliases = list(["parent".to_owned()].into_iter().chain(aliases));
    let values = list(["p.id".to_owned()].into_iter().chain(values(columns)));
    format!(
        "INSERT INTO {table} ({targets})
         SELECT {values} FROM {unnest} AS u({aliases}) JOIN (
             SELECT stored.id, k.place FROM stored
             JOIN unnest({keys}) WITH ORDINALITY AS k(key, place) ON k.key = stored.key
         ) p ON p.place = u.parent"
    )
}

/// A missing value becomes the column's default.
fn values(columns: &[Column]) -> impl Iterator<Item = String> {
    columns.iter().enumerate().map(|(at, column)| match &column.default {
        Some(default) => {
            let base = element_type(column.column_type).name;
            format!("coalesce(u.c{at}, CAST(({default}) AS {base}))")
        }
        None => format!("u.c{at}"),
    })
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

use std::sync::Arc;

use l0_mapping::{ChildMapping, Column, ColumnType, Mapping};

use super::array::element_type;
use crate::read::edition::EditionStatement;
use crate::read::entries::EntryStatements;
use crate::tables::catalog::{Ids, Live};
use crate::tables::fingerprint;
use crate::tables::quote::quote;

/// The constant texts of a mapping, prepared once per connection.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Finds the keys of `$1` that no row has. Returns their positions in key order, an id for
    /// each, and the shape of the tables. `None` if the database gives ids at the insert.
    pub look_up: Option<Arc<str>>,
    /// Inserts documents with all their children. Returns one row: the ids, the keys, and the
    /// number of inserted rows per child table.
    pub insert: Arc<str>,
    /// Reads the id, the key and the SHA-256 of the document, for the ids in `$1`.
    pub verify: Arc<str>,
    /// Per child table: the number of rows of each parent in `$1`.
    pub count: Vec<Arc<str>>,
    /// Reads the id, the key and the document, for the keys in `$1`.
    pub compare: Arc<str>,
    /// Reads the id and the document, for the ids in `$1`.
    pub read: Arc<str>,
    /// Reads the data of documents.
    pub entries: EntryStatements,
    /// Reads which contents the ids mean.
    pub edition: EditionStatement,
    /// What the catalog says about the tables.
    pub live: Live,
}

impl Statements {
    pub fn new(mapping: &Mapping, live: Live) -> Self {
        let name = |table: &String| live.qualified.get(table).unwrap_or(table).clone();
        let parent = name(&mapping.table.name);
        let (id, key) = (quote(&mapping.table.id), quote(&mapping.table.key));
        let document = quote(&mapping.table.document);
        let key_type = element_type(mapping.key_column().column_type).name;

        let compare = format!(
            "SELECT {id}::bigint, {key}::text, {document}::text FROM {parent} WHERE {key} = ANY($1::{key_type}[])"
        );
        let read = format!(
            "SELECT {id}::bigint, {document}::text FROM {parent} WHERE {id} = ANY($1::bigint[])"
        );
        let verify = format!(
            "SELECT {id}::bigint, {key}::text, sha256(convert_to({document}::text, 'UTF8'))
             FROM {parent} WHERE {id} = ANY($1::bigint[])"
        );
        let count = mapping.children.iter().map(|child| {
            let (table, parent) = (name(&child.name), quote(&child.parent));
            let of_given = format!("{parent} = ANY($1::bigint[])");
            format!("SELECT {parent}::bigint, count(*) FROM {table} WHERE {of_given} GROUP BY 1")
                .into()
        });
        Self {
            look_up: look_up(mapping, &parent, &live),
            insert: insert(mapping, &parent, name, &live.ids),
            verify: verify.into(),
            count: count.collect(),
            compare: compare.into(),
            read: read.into(),
            entries: EntryStatements::new(mapping, &parent),
            edition: EditionStatement::new(mapping, &parent, &live),
            live,
        }
    }
}

/// The scalar subquery looks up each key by its index, whatever the planner assumes about the
/// table. Only absent keys draw an id, so that duplicates use none. The order makes ids follow the
/// keys. It also makes all writers lock keys in the same order, so that two batches cannot
/// deadlock.
fn look_up(mapping: &Mapping, parent: &str, live: &Live) -> Option<Arc<str>> {
    let Ids::Drawn { sequence, .. } = &live.ids else { return None };
    let shape = fingerprint::shape(live.qualified.values());
    let (id, key) = (quote(&mapping.table.id), quote(&mapping.table.key));
    let key_column = mapping.key_column().column_type;
    let (key_type, collate) = (element_type(key_column).name, collation(key_column));
    let sequence = sequence.replace('\'', "''");
    let text = format!(
        "SELECT place, nextval('{sequence}'::regclass), {shape} FROM (
             SELECT u.place FROM unnest($1::{key_type}[]) WITH ORDINALITY AS u(key, place)
             WHERE (SELECT t.{id} FROM {parent} t WHERE t.{key} = u.key) IS NULL
             ORDER BY u.key{collate}
         ) AS absent"
    );
    Some(text.into())
}

fn insert(
    mapping: &Mapping,
    parent: &str,
    name: impl Fn(&String) -> String,
    ids: &Ids,
) -> Arc<str> {
    let mut parameters = Parameters::default();
    let stored = match ids {
        Ids::Drawn { .. } => insert_with_ids(mapping, parent, &mut parameters),
        Ids::Given => insert_without_ids(mapping, parent, &mut parameters),
    };
    let key_type = element_type(mapping.key_column().column_type).name;
    let keys = format!("${}::{key_type}[]", mapping.key_place() + 1);
    let mut ctes = vec![stored];
    let mut counts = String::new();
    for (at, child) in mapping.children.iter().enumerate() {
        let (id, which) = match ids {
            Ids::Drawn { .. } => {
                ("u.parent", "WHERE u.parent IN (SELECT id FROM stored)".to_owned())
            }
            Ids::Given => ("p.id", joined_by_key(&keys)),
        };
        let insert = insert_children(child, &name(&child.name), id, &mut parameters);
        let insert = format!("{insert} {which}");
        ctes.push(format!("child{at} AS ({insert} RETURNING 1)"));
        counts.push_str(&format!(", (SELECT count(*) FROM child{at})"));
    }
    let keys = match ids {
        Ids::Drawn { .. } => "NULL::text[]",
        Ids::Given => "ARRAY(SELECT key::text FROM stored)",
    };
    let ctes = ctes.join(",\n");
    format!("WITH {ctes} SELECT ARRAY(SELECT id FROM stored), {keys}{counts}").into()
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

/// Inserts the documents in the order of their keys, as the look-up returned them.
fn insert_with_ids(mapping: &Mapping, parent: &str, parameters: &mut Parameters) -> String {
    let columns = &mapping.columns;
    let (id, key) = (quote(&mapping.table.id), quote(&mapping.table.key));
    let types = columns.iter().map(|column| element_type(column.column_type).name);
    let document = [element_type(mapping.document).name];
    let unnest = parameters.unnest(types.chain(document).chain(["bigint"]));
    let (targets, aliases, values) = parts(mapping);
    format!(
        "stored AS (INSERT INTO {parent} ({id}, {targets}) OVERRIDING SYSTEM VALUE
         SELECT u.id, {values} FROM {unnest} AS u({aliases}, id)
         ON CONFLICT ({key}) DO NOTHING
         RETURNING {id}::bigint AS id)"
    )
}

/// As [`look_up`], but within the insert.
fn insert_without_ids(mapping: &Mapping, parent: &str, parameters: &mut Parameters) -> String {
    let columns = &mapping.columns;
    let (id, key) = (quote(&mapping.table.id), quote(&mapping.table.key));
    let types = columns.iter().map(|column| element_type(column.column_type).name);
    let unnest = parameters.unnest(types.chain([element_type(mapping.document).name]));
    let (targets, aliases, values) = parts(mapping);
    let (at, collate) = (mapping.key_place(), collation(mapping.key_column().column_type));
    format!(
        "stored AS (INSERT INTO {parent} ({targets})
         SELECT {values} FROM {unnest} AS u({aliases})
         WHERE (SELECT t.{id} FROM {parent} t WHERE t.{key} = u.c{at}) IS NULL
         ORDER BY u.c{at}{collate}
         ON CONFLICT ({key}) DO NOTHING
         RETURNING {id}::bigint AS id, {key} AS key)"
    )
}

/// The columns that a document fills, their names within the statement, and their values.
fn parts(mapping: &Mapping) -> (String, String, String) {
    let columns = &mapping.columns;
    let targets = columns.iter().map(|column| quote(&column.name));
    let targets = list(targets.chain([quote(&mapping.table.document)]));
    let aliases = (0..columns.len()).map(|at| format!("c{at}"));
    let aliases = list(aliases.chain(["document".to_owned()]));
    (targets, aliases, list(values(columns).chain(["u.document".to_owned()])))
}

fn collation(key: ColumnType) -> &'static str {
    match key {
        ColumnType::Text { .. } => " COLLATE \"C\"",
        _ => "",
    }
}

/// A child row names its parent by its position in the array of keys: a number, however long the
/// key is.
fn joined_by_key(keys: &str) -> String {
    format!(
        "JOIN (SELECT stored.id, k.place FROM stored
         JOIN unnest({keys}) WITH ORDINALITY AS k(key, place) ON k.key = stored.key
         ) p ON p.place = u.parent"
    )
}

/// `id` is the expression for the parent's id.
fn insert_children(
    child: &ChildMapping,
    table: &str,
    id: &str,
    parameters: &mut Parameters,
) -> String {
    let columns = &child.columns;
    let types = columns.iter().map(|column| element_type(column.column_type).name);
    let unnest = parameters.unnest(["bigint"].into_iter().chain(types));
    let targets = [quote(&child.parent)].into_iter();
    let targets = list(targets.chain(columns.iter().map(|column| quote(&column.name))));
    let aliases = (0..columns.len()).map(|at| format!("c{at}"));
    let aliases = list(["parent".to_owned()].into_iter().chain(aliases));
    let values = list([id.to_owned()].into_iter().chain(values(columns)));
    format!("INSERT INTO {table} ({targets}) SELECT {values} FROM {unnest} AS u({aliases})")
}

/// A missing value becomes the column's default.
fn values(columns: &[Column]) -> impl Iterator<Item = String> {
    columns.iter().enumerate().map(|(at, column)| {
        let sent = element_type(column.column_type).name;
        let (value, of) = match &column.detail.cast {
            Some(cast) => (format!("CAST(u.c{at} AS {cast})"), cast.as_str()),
            None => (format!("u.c{at}"), sent),
        };
        match &column.default {
            Some(default) => format!("coalesce({value}, CAST(({default}) AS {of}))"),
            None => value,
        }
    })
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

use std::sync::Arc;

use l0_mapping::{ChildMapping, Column, ColumnType, Mapping};

use super::array::{document_type, element_type};
use super::key::KeySql;
use super::same;
use crate::read::edition::EditionStatement;
use crate::read::entries::EntryStatements;
use crate::tables::catalog::{Ids, Live};
use crate::tables::fingerprint;
use crate::tables::quote::quote;

/// The constant texts of a mapping, prepared once per connection.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Finds the keys that no row has; each part of the key is an array. Returns their positions in key order, an id for
    /// each, and the shape of the tables. `None` if the database gives ids at the insert.
    pub look_up: Option<Arc<str>>,
    /// Inserts documents with all their children. Returns one row: the ids, the keys, and the
    /// number of inserted rows per child table.
    pub insert: Arc<str>,
    /// Reads for the ids in `$1`, by their positions, whether their rows have the keys that follow,
    /// and what tells whether they have the documents: the SHA-256, the `jsonb` as text, or NULL.
    pub verify: Arc<str>,
    /// Per child table: the number of rows of each parent in `$1`.
    pub count: Vec<Arc<str>>,
    /// Reads the ids and the documents of keys, by their positions. If the table keeps no documents:
    /// takes the parameters of a batch, and reads whether its values are stored.
    pub compare: Arc<str>,
    /// Reads the id and the document, for the ids in `$1`. `None` if the table keeps no documents.
    pub read: Option<Arc<str>>,
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
        let id = quote(&mapping.table.id);
        let document = mapping.table.document.as_deref().map(quote);
        let key = KeySql::of(mapping);
        let read = document.as_ref().map(|document| {
            format!(
                "SELECT {id}::bigint, {document}::text FROM {parent} WHERE {id} = ANY($1::bigint[])"
            )
        });
        let count = mapping.children.iter().map(|child| {
            let (table, parent) = (name(&child.name), quote(&child.parent));
            let of_given = format!("{parent} = ANY($1::bigint[])");
            format!("SELECT {parent}::bigint, count(*) FROM {table} WHERE {of_given} GROUP BY 1")
                .into()
        });
        Self {
            look_up: look_up(&key, &parent, &id, &live),
            insert: insert(mapping, &key, &parent, name, &live.ids),
            verify: verify(mapping, &key, &parent, &id),
            count: count.collect(),
            compare: match &document {
                Some(document) => compare(&key, &parent, &id, document),
                None => same::statement(mapping, &key, &parent, name),
            },
            read: read.map(Arc::from),
            entries: EntryStatements::new(mapping, &parent),
            edition: EditionStatement::new(mapping, &parent, &live),
            live,
        }
    }
}

/// `OFFSET 0` keeps the planner from joining: each key is looked up by its index, whatever is
/// assumed about the table.
fn compare(key: &KeySql, parent: &str, id: &str, document: &str) -> Arc<str> {
    let (arrays, names, is_key) = (key.arrays(1), key.names(), key.is(of_batch));
    let text = format!(
        "SELECT u.place, t.id, t.document
         FROM unnest({arrays}) WITH ORDINALITY AS u({names}, place),
         LATERAL (SELECT t.{id}::bigint AS id, t.{document}::text AS document
                  FROM {parent} t WHERE {is_key} OFFSET 0) AS t"
    );
    text.into()
}

fn verify(mapping: &Mapping, key: &KeySql, parent: &str, id: &str) -> Arc<str> {
    let (arrays, names, is_key) = (key.arrays(2), key.names(), key.is(of_batch));
    let document = mapping.table.document.as_deref().map(quote).unwrap_or_default();
    let kept = match mapping.document {
        None => "NULL::bytea".to_owned(),
        Some(ColumnType::Jsonb) => format!("convert_to(t.{document}::text, 'UTF8')"),
        Some(_) => format!("sha256(convert_to(t.{document}::text, 'UTF8'))"),
    };
    let text = format!(
        "SELECT u.place, t.is_same, t.kept
         FROM unnest($1::bigint[], {arrays}) WITH ORDINALITY AS u(id, {names}, place),
         LATERAL (SELECT coalesce({is_key}, false) AS is_same, {kept} AS kept
                  FROM {parent} t WHERE t.{id} = u.id OFFSET 0) AS t"
    );
    text.into()
}

/// The name of a part of the key within the arrays of a batch.
fn of_batch(at: usize) -> String {
    format!("u.k{at}")
}

/// The scalar subquery looks up each key by its index, whatever the planner assumes about the
/// table. Only absent keys draw an id, so that duplicates use none. The order makes ids follow the
/// keys. It also makes all writers lock keys in the same order, so that two batches cannot
/// deadlock.
fn look_up(key: &KeySql, parent: &str, id: &str, live: &Live) -> Option<Arc<str>> {
    let Ids::Drawn { sequence, .. } = &live.ids else { return None };
    let shape = fingerprint::shape(live.qualified.values());
    let sequence = sequence.replace('\'', "''");
    let (arrays, names) = (key.arrays(1), key.names());
    let (is_key, order) = (key.is(of_batch), key.order(of_batch));
    let text = format!(
        "SELECT place, nextval('{sequence}'::regclass), {shape} FROM (
             SELECT u.place FROM unnest({arrays}) WITH ORDINALITY AS u({names}, place)
             WHERE (SELECT t.{id} FROM {parent} t WHERE {is_key}) IS NULL
             ORDER BY {order}
         ) AS absent"
    );
    Some(text.into())
}

fn insert(
    mapping: &Mapping,
    key: &KeySql,
    parent: &str,
    name: impl Fn(&String) -> String,
    ids: &Ids,
) -> Arc<str> {
    let mut parameters = Parameters::default();
    let stored = match ids {
        Ids::Drawn { .. } => insert_with_ids(mapping, key, parent, &mut parameters),
        Ids::Given => insert_without_ids(mapping, key, parent, &mut parameters),
    };
    let mut ctes = vec![stored];
    let mut counts = String::new();
    for (at, child) in mapping.children.iter().enumerate() {
        let (id, which) = match ids {
            Ids::Drawn { .. } => {
                ("u.parent", "WHERE u.parent IN (SELECT id FROM stored)".to_owned())
            }
            Ids::Given => ("p.id", joined_by_key(mapping, key)),
        };
        let insert = insert_children(child, &name(&child.name), id, &mut parameters);
        let insert = format!("{insert} {which}");
        ctes.push(format!("child{at} AS ({insert} RETURNING 1)"));
        counts.push_str(&format!(", (SELECT count(*) FROM child{at})"));
    }
    let keys = match ids {
        Ids::Drawn { .. } => "NULL::text[]",
        Ids::Given => "ARRAY(SELECT key FROM stored)",
    };
    let ctes = ctes.join(",\n");
    format!("WITH {ctes} SELECT ARRAY(SELECT id FROM stored), {keys}{counts}").into()
}

/// Numbers the array parameters in the order in which the writer binds them.
#[derive(Default)]
pub(super) struct Parameters(usize);

impl Parameters {
    pub fn unnest(&mut self, types: impl IntoIterator<Item = &'static str>) -> String {
        let next = types.into_iter().map(|name| {
            self.0 += 1;
            format!("${}::{name}[]", self.0)
        });
        format!("unnest({})", next.collect::<Vec<_>>().join(", "))
    }
}

/// Inserts the documents in the order of their keys, as the look-up returned them.
fn insert_with_ids(
    mapping: &Mapping,
    key: &KeySql,
    parent: &str,
    parameters: &mut Parameters,
) -> String {
    let columns = &mapping.columns;
    let (id, key) = (quote(&mapping.table.id), key.targets());
    let types = columns.iter().map(|column| element_type(column.column_type).name);
    let document = mapping.document.map(|column| document_type(column).name);
    let unnest = parameters.unnest(types.chain(document).chain(["bigint"]));
    let (targets, aliases, values) = parts(mapping);
    format!(
        "stored AS (INSERT INTO {parent} ({id}, {targets}) OVERRIDING SYSTEM VALUE
         SELECT u.id, {values} FROM {unnest} AS u({aliases}, id)
         ON CONFLICT ({key}) DO NOTHING
         RETURNING {id}::bigint AS id)"
    )
}

/// Inserts the documents whose keys no row has, in the order of the keys, if the database gives the
/// ids. The statement looks the keys up itself, as [`look_up`] does.
fn insert_without_ids(
    mapping: &Mapping,
    key: &KeySql,
    parent: &str,
    parameters: &mut Parameters,
) -> String {
    let columns = &mapping.columns;
    let id = quote(&mapping.table.id);
    let types = columns.iter().map(|column| element_type(column.column_type).name);
    let document = mapping.document.map(|column| document_type(column).name);
    let unnest = parameters.unnest(types.chain(document));
    let (targets, aliases, values) = parts(mapping);
    let of_row = |at: usize| format!("u.c{}", mapping.key_places()[at]);
    let (is_key, order) = (key.is(of_row), key.order(of_row));
    let (key_targets, text, named) = (key.targets(), key.text(""), key.named());
    format!(
        "stored AS (INSERT INTO {parent} ({targets})
         SELECT {values} FROM {unnest} AS u({aliases})
         WHERE (SELECT t.{id} FROM {parent} t WHERE {is_key}) IS NULL
         ORDER BY {order}
         ON CONFLICT ({key_targets}) DO NOTHING
         RETURNING {id}::bigint AS id, {text} AS key, {named})"
    )
}

/// The columns that a document fills, their names within the statement, and their values.
fn parts(mapping: &Mapping) -> (String, String, String) {
    let columns = &mapping.columns;
    let targets = columns.iter().map(|column| quote(&column.name));
    let targets = list(targets.chain(mapping.table.document.as_deref().map(quote)));
    let aliases = (0..columns.len()).map(|at| format!("c{at}"));
    let aliases = list(aliases.chain(mapping.document.map(|_| "document".to_owned())));
    let document = mapping.document.map(|column| match column {
        ColumnType::Jsonb => "u.document::jsonb".to_owned(),
        _ => "u.document".to_owned(),
    });
    (targets, aliases, list(values(columns).chain(document)))
}

/// A child row names its parent by its position in the arrays of the key: a number, however long
/// the key is.
fn joined_by_key(mapping: &Mapping, key: &KeySql) -> String {
    let arrays =
        mapping.key_places().iter().zip(mapping.key_columns()).map(|(at, column)| {
            format!("${}::{}[]", at + 1, element_type(column.column_type).name)
        });
    let (arrays, names) = (list(arrays), key.names());
    let same = (0..mapping.key_places().len()).map(|at| format!("k.k{at} = stored.k{at}"));
    let same = same.collect::<Vec<_>>().join(" AND ");
    format!(
        "JOIN (SELECT stored.id, k.place FROM stored
         JOIN unnest({arrays}) WITH ORDINALITY AS k({names}, place) ON {same}
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

fn values(columns: &[Column]) -> impl Iterator<Item = String> {
    columns.iter().enumerate().map(|(at, column)| value(column, &format!("u.c{at}")))
}

/// The value of a column that was sent as `sent`. A missing one becomes the column's default.
pub(super) fn value(column: &Column, sent: &str) -> String {
    let (value, of) = match &column.detail.cast {
        Some(cast) => (format!("CAST({sent} AS {cast})"), cast.as_str()),
        None => (sent.to_owned(), element_type(column.column_type).name),
    };
    match &column.default {
        Some(default) => format!("coalesce({value}, CAST(({default}) AS {of}))"),
        None => value,
    }
}

pub(super) fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

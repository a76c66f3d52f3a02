//! The migration that creates the tables of a plan.

use l0_stage::template::{ColumnTypes, OwnColumns, TablesTemplate};

use super::column::Column;
use super::names::quoted;
use super::plan::{Child, Key, OWN_COLUMNS, Plan};
use crate::learn::kind::Kind;
use crate::{pointer, toml};

/// What stands in the folder of the migrations if the tables exist already. It keeps the folder in
/// version control.
pub const NO_MIGRATIONS: &str = "The tables of this pipeline exist already, so nothing creates them here. \
    `l0-runtime` makes its\ntable of dead letters itself. A migration of yours would be a file such as \
    `0001_add_a_column.sql`.\n";

/// A column's name, and the rest of its definition: type, constraints and default.
type Line = (String, String);

/// The migration for a sink.
pub fn render(tables: &TablesTemplate, plan: &Plan) -> String {
    let mut parts = vec![head(tables.note, plan), table(&plan.table, &lines(tables, plan))];
    let indexes = plan.search.iter().filter_map(|(column, index)| {
        let (index, table) = (quoted(index.as_ref()?), quoted(&plan.table));
        Some(format!("CREATE INDEX {index} ON {table} ({}, id);\n", quoted(column)))
    });
    let indexes: String = indexes.collect();
    if !indexes.is_empty() {
        let why = "The index has the id too, so the newest documents with a value are found without sorting.";
        parts.push(format!("\n-- {why}\n{indexes}"));
    }
    parts.extend(plan.children.iter().map(|it| child(&tables.types, plan, it)));
    parts.concat()
}

fn head(note: &str, plan: &Plan) -> String {
    format!(
        "-- Table {}. Columns are filled by the mapping in pipeline.toml; the document is kept as
-- published beside them, with when it was received, how often it had been delivered by then, and
-- when it was committed. Types are those of the samples: widen them before the first document, or
-- by another migration.
{note}",
        quoted(&plan.table)
    )
}

/// The lines of the id, of the document's columns, and of the other columns.
fn lines(TablesTemplate { types, own, .. }: &TablesTemplate, plan: &Plan) -> Vec<Line> {
    let rule = if plan.key_names().len() == 1 { " NOT NULL UNIQUE" } else { " NOT NULL" };
    let mapped = plan.columns.iter().map(|column| {
        let (name, kind) = typed(types, column);
        (name, format!("{kind}{}", if plan.is_key(column) { rule } else { "" }))
    });
    let of_message = match &plan.key {
        Key::Message(column, _) => Some((column.clone(), format!("{}{rule}", types.text))),
        Key::Columns(_) => None,
    };
    let OwnColumns { id, document, published_at, deliveries, stored_at } = own;
    let [id_name, last @ ..] = OWN_COLUMNS;
    let last = last.into_iter().zip([document, published_at, deliveries, stored_at]);
    let owned = |(name, rest): (&str, &&str)| (name.to_owned(), (*rest).to_owned());
    [owned((id_name, id))]
        .into_iter()
        .chain(mapped)
        .chain(of_message)
        .chain(last.map(owned))
        .chain(together(plan))
        .collect()
}

/// The constraint of a key of several columns.
fn together(plan: &Plan) -> Option<Line> {
    let names: Vec<_> = plan.key_names().into_iter().map(quoted).collect();
    (names.len() > 1).then(|| ("UNIQUE".to_owned(), format!("({})", names.join(", "))))
}

fn child(types: &ColumnTypes, plan: &Plan, child: &Child) -> String {
    let id = types.integer;
    let parent = quoted(&child.parent);
    let reference = format!("{id} NOT NULL REFERENCES {} (id)", quoted(&plan.table));
    let columns = child.columns.iter().map(|column| typed(types, column));
    let lines: Vec<_> = [(parent.clone(), reference)].into_iter().chain(columns).collect();
    let each = toml::comment(&pointer::of(&child.path));
    let (name, index) = (quoted(&child.table), quoted(&child.index));
    format!(
        "\n-- One row per element of {each}.\n{}\nCREATE INDEX {index} ON {name} ({parent});\n",
        table(&child.table, &lines)
    )
}

fn typed(types: &ColumnTypes, column: &Column) -> Line {
    let kind = match column.kind {
        Kind::BigInt => types.integer,
        Kind::Numeric => types.numeric,
        Kind::Number => types.number,
        Kind::Text => types.text,
        Kind::Timestamp => types.timestamp,
        Kind::Date => types.date,
        Kind::Boolean => types.boolean,
        Kind::Uuid => types.uuid,
        Kind::Json => types.json,
    };
    (quoted(&column.name), kind.to_owned())
}

fn table(name: &str, lines: &[Line]) -> String {
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let lines: Vec<_> =
        lines.iter().map(|(name, rest)| format!("    {name:<width$} {rest}")).collect();
    format!("CREATE TABLE {} (\n{}\n);\n", quoted(name), lines.join(",\n"))
}

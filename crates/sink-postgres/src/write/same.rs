//! Whether the values of a message are stored, in a table that keeps no documents.

use std::sync::Arc;

use l0_mapping::{ChildMapping, Column, ColumnType, Mapping, Metadata, ValueOf};

use super::array::element_type;
use super::key::KeySql;
use super::statement::{Parameters, list, value};
use crate::tables::quote::quote;
use crate::tables::rules::{Source, of_default};

/// Takes the parameters of a batch. Reads by their positions the ids of the keys that are stored,
/// and whether the row and the rows of its children have the same values, each as its column holds
/// it. Only what was drawn from the payload counts. A digest of the payload that is the same is
/// enough, because a trigger may have changed the rest.
pub(super) fn statement(
    mapping: &Mapping,
    key: &KeySql,
    parent: &str,
    name: impl Fn(&String) -> String,
) -> Arc<str> {
    let mut parameters = Parameters::default();
    let unnest = parameters.unnest(types(&mapping.columns));
    let aliases = list((0..mapping.columns.len()).map(|at| format!("c{at}")));
    let id = quote(&mapping.table.id);
    let children = mapping.children.iter();
    let children = children.map(|child| of_child(child, &name(&child.name), &id, &mut parameters));
    let values = mapping.columns.iter().enumerate().filter_map(|(at, it)| of_row(at, it));
    let values: Vec<_> = ["true".to_owned()].into_iter().chain(values).chain(children).collect();
    let (values, digest) = (values.join(" AND "), digest(mapping));
    let is_key = key.is(|at| format!("u.c{}", mapping.key_places()[at]));
    format!(
        "SELECT u.place, t.id, t.is_same
         FROM {unnest} WITH ORDINALITY AS u({aliases}, place),
         LATERAL (SELECT t.{id}::bigint AS id, {digest} OR ({values}) AS is_same
                  FROM {parent} t WHERE {is_key} OFFSET 0) AS t"
    )
    .into()
}

fn types(columns: &[Column]) -> impl Iterator<Item = &'static str> {
    columns.iter().map(|column| element_type(column.column_type).name)
}

fn digest(mapping: &Mapping) -> String {
    let is_digest = |it: &Column| it.value == ValueOf::Message(Metadata::Digest);
    let digests = mapping.columns.iter().enumerate().filter(|(_, it)| is_digest(it));
    let digests = digests.map(|(at, it)| format!("t.{} = u.c{at}", quote(&it.name)));
    let digests: Vec<_> = digests.collect();
    format!(
        "coalesce({}, false)",
        if digests.is_empty() { "false".into() } else { list(digests.into_iter()) }
    )
}

/// The condition that a column of the parent row has the value that was sent. If the document lacks
/// the value and the default is not constant, every stored value counts as the same.
fn of_row(at: usize, column: &Column) -> Option<String> {
    let stored = format!("t.{}::text", quote(&column.name));
    let same = format!("{stored} IS NOT DISTINCT FROM {}", as_held(column, &format!("u.c{at}")));
    match (&column.value, of_default(column.default.as_deref())) {
        (ValueOf::Message(_), _) => None,
        (ValueOf::Document(_), Source::Constant) => Some(same),
        (ValueOf::Document(_), _) => Some(format!("(u.c{at} IS NULL OR {same})")),
    }
}

/// Rows have no order, so both sides are sorted. A column whose default is not constant is left out
/// if one of the message's rows lacks a value for it.
fn of_child(child: &ChildMapping, table: &str, id: &str, parameters: &mut Parameters) -> String {
    let unnest = parameters.unnest(["bigint"].into_iter().chain(types(&child.columns)));
    let aliases = list((0..child.columns.len()).map(|at| format!("c{at}")));
    let given = format!("{unnest} AS g(parent, {aliases})");
    let compared =
        child.columns.iter().enumerate().filter(|(_, it)| matches!(it.value, ValueOf::Document(_)));
    let (stored, sent): (Vec<_>, Vec<_>) = compared
        .map(|(at, it)| {
            let stored = format!("r.{}::text", quote(&it.name));
            let sent = as_held(it, &format!("g.c{at}"));
            if of_default(it.default.as_deref()) == Source::Constant {
                return (stored, sent);
            }
            let lacks = format!(
                "EXISTS (SELECT FROM {given} WHERE g.parent = u.place AND g.c{at} IS NULL)"
            );
            let unless = |it| format!("CASE WHEN {lacks} THEN NULL ELSE {it} END");
            (unless(stored), unless(sent))
        })
        .unzip();
    let (stored, sent) = (list(stored.into_iter()), list(sent.into_iter()));
    let parent = quote(&child.parent);
    format!(
        "ARRAY(SELECT ROW({stored})::text FROM {table} r WHERE r.{parent} = t.{id} ORDER BY 1)
         = ARRAY(SELECT ROW({sent})::text FROM {given} WHERE g.parent = u.place ORDER BY 1)"
    )
}

/// A value as its column holds and prints it: rounded as its type says. A type that only the server
/// knows is not cast with its modifier: `bit(3)` would be cut, while the insert refuses it.
fn as_held(column: &Column, sent: &str) -> String {
    match column.column_type {
        ColumnType::Cast => format!("{}::text", value(column, sent)),
        _ => format!("CAST({} AS {})::text", value(column, sent), column.declared),
    }
}

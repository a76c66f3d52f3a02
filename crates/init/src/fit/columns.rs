//! Which member fills which column of a table that exists.

use std::collections::BTreeSet;

use l0_stage::existing::{self, Filled, Holds, Table};

use super::name::{MOMENT, SURE, likeness};
use super::value::fill;
use crate::lay::column::{Column, Existing, Fill};
use crate::learn::kind::Kind;
use crate::learn::shape::Shape;
use crate::learn::tree::Json;

/// Members deeper than this fill no column.
const DEEPEST: usize = 4;

/// A column, and the member that could fill it.
struct Pair<'a> {
    likeness: u32,
    column: &'a existing::Column,
    path: &'a [String],
    filling: Column,
}

/// The columns that members fill, in the order of the table. Each member fills one column at most: the
/// one with the likest name. `not` are columns that are filled otherwise.
pub fn fill_columns(table: &Table, shape: &Shape, first: &Json, not: &[&str]) -> Vec<Column> {
    let paths = paths(shape);
    let open = table.columns.iter().filter(|column| {
        !not.contains(&column.name.as_str()) && column.filled != Filled::ByDatabase
    });
    let pairs = open.flat_map(|column| {
        let pair = |path| pair(&table.name, column, path, shape, first);
        paths.iter().filter_map(pair).collect::<Vec<_>>()
    });
    let mut pairs: Vec<_> = pairs.collect();
    // Equal ones stay in the order of the table, then of the document.
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.likeness));
    let (mut columns, mut members) = (BTreeSet::new(), BTreeSet::new());
    let taken = pairs.into_iter().filter(|pair| {
        let is_free = !columns.contains(&pair.column.name) && !members.contains(pair.path);
        if is_free {
            columns.insert(pair.column.name.clone());
            members.insert(pair.path);
        }
        is_free
    });
    let mut taken: Vec<_> = taken.map(|pair| pair.filling).collect();
    let place = |column: &Column| table.columns.iter().position(|it| it.name == column.name);
    taken.sort_by_key(place);
    taken
}

fn pair<'a>(
    table: &str,
    column: &'a existing::Column,
    path: &'a Vec<String>,
    root: &Shape,
    first: &Json,
) -> Option<Pair<'a>> {
    let shape = root.get(path)?;
    let likeness = likeness(table, &column.name, path)?;
    if likeness <= MOMENT && column.holds != Holds::Time {
        return None;
    }
    let fill = fill(column.holds, shape, first.get(path))?;
    let is_guess = likeness < SURE || fill != Fill::Plain;
    let (declared, holds) = (column.declared.clone(), column.holds);
    let filling = Column {
        name: column.name.clone(),
        path: path.clone(),
        kind: kind(column, shape),
        shape: shape.clone(),
        existing: Some(Existing { declared, holds, fill, is_guess }),
    };
    Some(Pair { likeness, column, path, filling })
}

/// The kind of the values. A new text fits only into a column of texts without a limit.
fn kind(column: &existing::Column, shape: &Shape) -> Kind {
    match (column.holds, Kind::of(shape)) {
        (Holds::Text, _) if !column.declared.contains('(') => Kind::Text,
        (_, Kind::Text) => Kind::Json,
        (_, kind) => kind,
    }
}

/// The paths of all members, those of an object before what is in it.
fn paths(shape: &Shape) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    see(shape, &mut Vec::new(), &mut found);
    found
}

fn see(shape: &Shape, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    for (name, member) in shape.members.iter() {
        path.push(name.to_owned());
        found.push(path.clone());
        if path.len() < DEEPEST {
            see(member, path, found);
        }
        path.pop();
    }
}

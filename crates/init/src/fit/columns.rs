//! Which member fills which column of a table that exists.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use l0_stage::existing::{self, Filled, Holds, Reading, Table};
use serde_json::Value;

use super::name::{SURE, likeness};
use super::value::{Filling, filling};
use crate::lay::column::{Column, Existing};
use crate::learn::kind::Kind;
use crate::learn::shape::Shape;
use crate::{pointer, toml};

/// Members deeper than this fill no column.
const DEEPEST: usize = 4;

/// The messages, or the elements of an array in all of them.
pub struct Objects<'a> {
    pub shape: &'a Shape,
    pub values: Vec<&'a Value>,
}

impl<'a> Objects<'a> {
    /// The values at a path that are not null.
    fn at(&self, path: &[String]) -> Vec<&'a Value> {
        let get = |object: &&'a Value| path.iter().try_fold(*object, |value, name| value.get(name));
        self.values.iter().filter_map(get).filter(|value| !value.is_null()).collect()
    }

    /// The elements of the arrays at a path.
    pub fn elements(&self, path: &[String], shape: &'a Shape) -> Self {
        let values = self.at(path).into_iter().filter_map(Value::as_array).flatten();
        Self { shape, values: values.collect() }
    }
}

/// A column, and the member that could fill it.
struct Pair<'a> {
    likeness: u32,
    place: usize,
    path: &'a [String],
    column: Column,
    misfit: Option<String>,
}

/// The columns that members fill, in the order of the table, and what to say of values that do not fit.
/// Each member fills one column at most: the one with the likest name. `not` are columns that are filled
/// otherwise.
pub fn fill_columns(
    table: &Table,
    objects: &Objects<'_>,
    not: &[&str],
) -> (Vec<Column>, Vec<String>) {
    let paths = paths(objects.shape);
    let of_database = [Filled::ByDatabase, Filled::BySequence];
    let open = table.columns.iter().enumerate().filter(|(_, column)| {
        !not.contains(&column.name.as_str()) && !of_database.contains(&column.filled)
    });
    let pairs = open.flat_map(|(place, column)| {
        let pair = |path| pair(table, place, column, path, objects);
        paths.iter().filter_map(pair).collect::<Vec<_>>()
    });
    let mut pairs: Vec<_> = pairs.collect();
    // Equal ones stay in the order of the table, then of the document.
    pairs.sort_by_key(|pair| Reverse(pair.likeness));
    let (mut columns, mut members) = (BTreeSet::new(), BTreeSet::new());
    pairs.retain(|pair| {
        let is_free = !columns.contains(&pair.place) && !members.contains(pair.path);
        if is_free {
            columns.insert(pair.place);
            members.insert(pair.path);
        }
        is_free
    });
    pairs.sort_by_key(|pair| pair.place);
    let (columns, misfits): (Vec<_>, Vec<_>) =
        pairs.into_iter().map(|pair| (pair.column, pair.misfit)).unzip();
    (columns, misfits.into_iter().flatten().collect())
}

fn pair<'a>(
    table: &Table,
    place: usize,
    column: &existing::Column,
    path: &'a Vec<String>,
    objects: &Objects<'_>,
) -> Option<Pair<'a>> {
    let shape = objects.shape.get(path)?;
    let values = objects.at(path);
    let likeness = likeness(&table.name, &column.name, column.holds, path)?;
    let Filling { reading, misfit } = filling(column, &values)?;
    let has_values = !values.is_empty();
    // What is only similar by name must fit in every sample.
    if likeness < SURE && (misfit.is_some() || !has_values) {
        return None;
    }
    let is_guess = likeness < SURE || column.refers || reading != Reading::Plain || !has_values;
    let (declared, holds) = (column.declared.clone(), column.holds);
    let misfit = misfit.map(|value| {
        let (pointer, name) = (toml::comment(&pointer::of(path)), &column.name);
        format!(
            "{pointer} is {value} in a sample: {}.{name} ({declared}) does not take it",
            table.name
        )
    });
    let column = Column {
        name: column.name.clone(),
        path: path.clone(),
        kind: kind(column, shape),
        shape: shape.clone(),
        existing: Some(Existing { declared, holds, reading, is_guess }),
    };
    Some(Pair { likeness, place, path, column, misfit })
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

//! Which array fills a table whose rows refer to the document's row.

use l0_stage::existing::{self, Filled};

use super::columns::fill_columns;
use super::name::singular;
use crate::lay::plan::Child;
use crate::learn::shape::Shape;
use crate::learn::tree::Json;
use crate::snake::snake;

/// Arrays deeper than this fill no table.
const DEEPEST: usize = 3;

/// The array of objects that is named like the table, or else the first whose members fill every column
/// that needs a value. `None` if there is neither, or it is `taken`.
pub fn fill(
    parent: &str,
    child: &existing::Child,
    shape: &Shape,
    first: &Json,
    taken: &[&Vec<String>],
) -> Option<Child> {
    let mut arrays = Vec::new();
    see(shape, &mut Vec::new(), &mut arrays);
    arrays.retain(|(path, _)| !taken.contains(&path));
    let filled = arrays.iter().filter_map(|(path, element)| {
        let table = &child.table;
        let first = elements(first, path).first().unwrap_or(&Json::Null);
        let numbered = table.columns.iter().filter(|it| it.filled == Filled::BySequence);
        let not: Vec<_> =
            numbered.map(|it| it.name.as_str()).chain([child.parent.as_str()]).collect();
        let columns = fill_columns(table, element, first, &not);
        let is_named = path.last().is_some_and(|name| is_named_like(parent, &table.name, name));
        let is_whole = table.columns.iter().all(|column| {
            column.filled != Filled::ByDocument
                || not.contains(&column.name.as_str())
                || columns.iter().any(|it| it.name == column.name)
        });
        let child = Child {
            table: table.name.clone(),
            parent: child.parent.clone(),
            index: String::new(),
            path: path.clone(),
            columns,
        };
        (!child.columns.is_empty() && (is_named || is_whole)).then_some((is_named, child))
    });
    // Of equal ones the first in the order of the document.
    let best = filled.reduce(|best, next| if next.0 && !best.0 { next } else { best });
    best.map(|(_, child)| child)
}

fn elements<'a>(message: &'a Json, path: &[String]) -> &'a [Json] {
    match message.get(path) {
        Some(Json::Array(elements)) => elements,
        _ => &[],
    }
}

/// `items` fills `order_items` and `items`.
fn is_named_like(parent: &str, table: &str, member: &str) -> bool {
    let (table, member) = (singular(table), singular(&snake(member)));
    let own = table.strip_prefix(&format!("{}_", singular(parent)));
    let own = own.or_else(|| table.strip_prefix(&format!("{parent}_"))).unwrap_or(&table);
    member == table || member == own || member.replace('_', "") == table.replace('_', "")
}

/// Arrays of objects, and the shape of their elements.
fn see<'a>(shape: &'a Shape, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, &'a Shape)>) {
    for (name, member) in shape.members.iter() {
        path.push(name.to_owned());
        match &member.element {
            Some(element) if member.is_array() && element.is_object() && element.nulls == 0 => {
                found.push((path.clone(), element));
            }
            _ if path.len() < DEEPEST => see(member, path, found),
            _ => {}
        }
        path.pop();
    }
}

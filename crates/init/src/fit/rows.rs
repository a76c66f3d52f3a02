//! Which array fills a table whose rows refer to the document's row.

use l0_stage::existing;

use super::columns::{Objects, fill_columns};
use super::name::singular;
use crate::lay::plan::Child;
use crate::learn::shape::Shape;

/// Arrays deeper than this fill no table.
const DEEPEST: usize = 3;

/// The array of objects that is named like the table, with what to say of values that do not fit. `None`
/// if there is none, or it is `taken`.
pub fn fill(
    parent: &str,
    child: &existing::Child,
    messages: &Objects<'_>,
    taken: &[&Vec<String>],
) -> Option<(Child, Vec<String>)> {
    let mut arrays = Vec::new();
    see(messages.shape, &mut Vec::new(), &mut arrays);
    arrays.retain(|(path, _)| {
        let is_named = path.last().is_some_and(|it| is_named_like(parent, &child.table.name, it));
        is_named && !taken.contains(&path)
    });
    arrays.into_iter().find_map(|(path, element)| {
        let elements = messages.elements(&path, element);
        let (columns, misfits) = fill_columns(&child.table, &elements, &[&child.parent]);
        let (table, parent) = (child.table.name.clone(), child.parent.clone());
        (!columns.is_empty())
            .then(|| (Child { table, parent, index: String::new(), path, columns }, misfits))
    })
}

/// `items` fills `order_items`, `line_items` and `items`.
fn is_named_like(parent: &str, table: &str, member: &str) -> bool {
    let (table, member) = (singular(table), singular(member));
    let own = table.strip_prefix(&format!("{}_", singular(parent))).unwrap_or(&table);
    let last = table.rsplit('_').next().unwrap_or(&table);
    [table.as_str(), own, last].contains(&member.as_str())
        || member.replace('_', "") == table.replace('_', "")
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

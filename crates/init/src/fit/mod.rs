//! The plan for a table that exists: which member fills which of its columns.

mod columns;
mod key;
mod name;
mod own;
mod rows;
mod value;

use l0_stage::existing::{Child, Column as Existing, Filled, Table};

use crate::lay::column::Column;
use crate::lay::plan::{self, Plan};
use crate::learn::decide::Key;
use crate::learn::samples::Samples;
use crate::learn::shape::Shape;
use crate::learn::tree::Json;
use crate::pointer;
use columns::{Objects, fill_columns};
use key::Choosing;

/// How many columns beside the key documents are found by.
const MOST_SEARCHED: usize = 3;

/// A plan that fits a table, and the key for the user.
pub struct Fitted {
    pub plan: Plan,
    pub key: Key,
}

/// Finds the columns for the samples. `named` is what `--key` names. `missing_id` says what to do if the
/// table has no sequential id.
///
/// # Errors
/// A text for the user: the table has no id, or no key that the samples fill.
pub fn fit(
    table: &Table,
    shape: &Shape,
    samples: &Samples,
    named: &[String],
    missing_id: &str,
) -> Result<Fitted, String> {
    let id = own::id(table).ok_or_else(|| no_id(table, missing_id))?;
    let values: Vec<_> = samples.messages.iter().map(Json::value).collect();
    let messages = Objects { shape, values: values.iter().collect() };
    let (columns, mut misfits) = fill_columns(table, &messages, &[id]);
    let choosing = Choosing { table, id, columns: &columns, shape, samples };
    let (key_of_plan, key) = choosing.choose(named)?;
    let is_key = |name: &str| matches!(&key_of_plan, plan::Key::Message(key, _) if key == name);
    let is_filled = |name: &str| columns.iter().any(|column| column.name == name) || is_key(name);
    let own = own::own(table, id, |column| !is_filled(&column.name));
    let is_known = |column: &Existing| {
        let name = column.name.as_str();
        let of_message = own.of_message.iter().any(|(column, ..)| column == name);
        is_filled(name) || of_message || own.document.as_deref() == Some(name)
    };
    let mut missing = missing(table, is_known);
    let (mut children, mut unfilled) = (Vec::new(), Vec::new());
    for child in &table.children {
        let is_used = children.iter().any(|it: &plan::Child| it.table == child.table.name);
        let taken: Vec<_> = children.iter().map(|child| &child.path).collect();
        let filled = rows::fill(&table.name, child, &messages, &taken);
        match filled.filter(|_| child.refers_to == id) {
            _ if is_used => {}
            Some((filled, more)) => {
                missing.extend(missing_of_child(child, &filled.columns));
                misfits.extend(more);
                children.push(filled);
            }
            None => unfilled.push(unfilled_because(child, id)),
        }
    }
    unfilled.retain(|(name, _)| children.iter().all(|child| child.table != *name));
    let is_filled = |child: &&Child| children.iter().any(|it| it.table == child.table.name);
    let has_trigger = table.has_trigger
        || table.children.iter().filter(is_filled).any(|child| child.table.has_trigger);
    let is_digest = matches!(&key_of_plan, plan::Key::Message(_, "@digest"));
    let is_doubtful = has_trigger && own.document.is_none() && !is_digest;
    let left_out = left_out(shape, &columns, &children);
    let search = search(table, &columns, &key_of_plan);
    let existing = Some(plan::Existing { missing, misfits, unfilled, is_doubtful });
    let (table, key_of_plan) = (table.name.clone(), key_of_plan);
    let plan = Plan { table, columns, key: key_of_plan, own, children, left_out, search, existing };
    Ok(Fitted { plan, key })
}

fn no_id(table: &Table, missing_id: &str) -> String {
    let name = &table.name;
    let is_free = |id: &&str| table.columns.iter().all(|column| column.name != *id);
    let id = ["id", "row_id", "l0_id"].into_iter().find(is_free).unwrap_or("l0_row_id");
    format!(
        "table `{name}` has no integer column that the database numbers, which /get-json?id=N needs\n\
         help: {}",
        missing_id.replace("{table}", name).replace("{id}", id)
    )
}

/// Columns that the database does not fill, and that nothing fills.
fn missing(table: &Table, is_known: impl Fn(&Existing) -> bool) -> Vec<plan::Missing> {
    let needed = table.columns.iter().filter(|it| it.filled == Filled::ByDocument && !is_known(it));
    let missing = needed.map(|column| plan::Missing {
        table: table.name.clone(),
        column: column.name.clone(),
        declared: column.declared.clone(),
    });
    missing.collect()
}

fn unfilled_because(child: &Child, id: &str) -> (String, String) {
    let Child { table, refers_to, .. } = child;
    let why = match refers_to == id {
        true => "no array of the samples is named like it".to_owned(),
        false => format!("its foreign key names `{refers_to}`, not the id"),
    };
    (table.name.clone(), why)
}

fn missing_of_child(child: &Child, columns: &[Column]) -> Vec<plan::Missing> {
    missing(&child.table, |column| {
        column.name == child.parent || columns.iter().any(|it| it.name == column.name)
    })
}

/// Pointers of the members that no column and no child table holds.
fn left_out(shape: &Shape, columns: &[Column], children: &[plan::Child]) -> Vec<String> {
    let filling = columns.iter().map(|column| &column.path);
    let held: Vec<_> = filling.chain(children.iter().map(|child| &child.path)).collect();
    let mut left_out = Vec::new();
    see(shape, &mut Vec::new(), &held, &mut left_out);
    left_out
}

fn see(shape: &Shape, path: &mut Vec<String>, held: &[&Vec<String>], found: &mut Vec<String>) {
    for (name, member) in shape.members.iter() {
        path.push(name.to_owned());
        let is_held = held.contains(&&*path);
        let holds_some = held.iter().any(|held| held.starts_with(path));
        match (is_held, holds_some) {
            (true, _) => {}
            (false, true) => see(member, path, held, found),
            (false, false) => found.push(pointer::of(path)),
        }
        path.pop();
    }
}

/// The key if it is one column, and filled columns that an index begins with.
fn search(table: &Table, columns: &[Column], key: &plan::Key) -> Vec<(String, Option<String>)> {
    let of_key = match key {
        plan::Key::Columns(places) if places.len() == 1 => {
            places.iter().filter_map(|at| columns.get(*at)).map(|it| it.name.clone()).collect()
        }
        plan::Key::Columns(_) => Vec::new(),
        plan::Key::Message(column, _) => vec![column.clone()],
    };
    let is_searchable = |name: &String| {
        let column = table.columns.iter().find(|column| column.name == *name);
        column.is_some_and(|column| column.searchable) && !of_key.contains(name)
    };
    let others = columns.iter().map(|column| column.name.clone());
    let others = others.filter(is_searchable).take(MOST_SEARCHED);
    let names: Vec<_> = of_key.iter().cloned().chain(others).collect();
    names.into_iter().map(|name| (name, None)).collect()
}

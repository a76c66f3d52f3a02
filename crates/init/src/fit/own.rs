//! Which columns of a table that exists are filled from something else than the document's members.

use l0_stage::existing::{Column, Filled, Holds, Table};

use super::name::{root, singular};
use crate::lay::plan::Own;
use crate::snake::snake;

/// Names of columns that keep the message as it came, the likeliest first.
const DOCUMENTS: [&str; 7] =
    ["document", "doc", "payload", "raw", "raw_json", "raw_payload", "json"];
/// Names that say so only if the column is for JSON.
const JSON_DOCUMENTS: [&str; 3] = ["body", "message", "data"];
/// Names of columns for the time of the commit, the likeliest first.
const STORED: [&str; 6] =
    ["stored_at", "inserted_at", "ingested_at", "received_at", "created_at", "created"];
/// Names of columns for the time of the message, without `_at` and the like.
const PUBLISHED: [&str; 9] = [
    "published",
    "received",
    "created",
    "updated",
    "modified",
    "inserted",
    "recorded",
    "ingested",
    "seen",
];

/// The column of the sequential id, if the table has one.
pub fn id(table: &Table) -> Option<&str> {
    let of_sequence = || table.columns.iter().filter(|it| it.filled == Filled::BySequence);
    let named = ["id".to_owned(), format!("{}_id", singular(&table.name))];
    let likeliest = named.iter().find_map(|name| of_sequence().find(|it| it.name == *name));
    likeliest.or_else(|| of_sequence().next()).map(|column| column.name.as_str())
}

/// The columns that no member fills, as far as they have another use. `is_open` tells which those are.
pub fn own(table: &Table, id: &str, is_open: impl Fn(&Column) -> bool) -> Own {
    let open: Vec<_> = table.columns.iter().filter(|it| it.name != id && is_open(it)).collect();
    let document = document(&open);
    let stored = stored(&open);
    let is_used = |it: &Column| [document, stored].contains(&Some(it.name.as_str()));
    let others = open.iter().filter(|it| it.filled == Filled::ByDocument && !is_used(it));
    let of_message = others.filter_map(|column| {
        let (value, what) = of_message(column)?;
        Some((column.name.clone(), value, what))
    });
    Own {
        id: id.to_owned(),
        document: document.map(str::to_owned),
        stored: stored.map(str::to_owned),
        of_message: of_message.collect(),
    }
}

fn document<'a>(open: &[&'a Column]) -> Option<&'a str> {
    let kept = |name: &&str| open.iter().find(|it| it.keeps_documents && snake(&it.name) == **name);
    let named = DOCUMENTS.iter().find_map(kept);
    let is_json = |it: &&&&Column| it.holds == Holds::Json;
    let json = || JSON_DOCUMENTS.iter().find_map(|name| kept(name).filter(|it| is_json(&it)));
    named.or_else(json).map(|column| column.name.as_str())
}

fn stored<'a>(open: &[&'a Column]) -> Option<&'a str> {
    let by_clock = || open.iter().filter(|it| it.filled == Filled::ByClock);
    let named = STORED.iter().find_map(|name| by_clock().find(|it| snake(&it.name) == *name));
    named.map(|column| column.name.as_str())
}

/// The value of the message for a column that must have one.
fn of_message(column: &Column) -> Option<(&'static str, &'static str)> {
    let name = snake(&column.name);
    match (column.holds, name.as_str()) {
        (Holds::Time, name) if PUBLISHED.contains(&root(name)) => {
            Some(("@published", "guessed: no member is named like this column"))
        }
        (Holds::Text, "subject" | "topic") => Some(("@subject", "the subject of the message")),
        _ => None,
    }
}

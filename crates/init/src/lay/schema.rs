//! The JSON Schema of a plan: it accepts what the tables can hold, and requires only the key.

use l0_stage::existing::Holds;

use super::column::Column;
use super::plan::Plan;
use crate::learn::key::LONGEST;
use crate::learn::kind::Kind;
use crate::learn::tree::Json;

const DESCRIPTION: &str = "What identifies a document is required. Every other known member may be \
                           missing or null; members not named here are kept.";

/// The pattern of a text that holds a number. Digits are stored as published.
const NUMBER: &str = "^[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$";

/// The schema, draft 2020-12.
pub fn render(name: &str, plan: &Plan) -> String {
    let mut root = object([
        ("$schema", text("https://json-schema.org/draft/2020-12/schema")),
        ("title", text(name)),
        ("description", text(DESCRIPTION)),
        ("type", text("object")),
        ("additionalProperties", Json::Boolean(true)),
    ]);
    for column in plan.columns.iter().filter(|column| !plan.is_key(column)) {
        insert(&mut root, &column.path, leaf(column, false, plan.is_searched(column)), false);
    }
    for child in &plan.children {
        let mut element = object([("type", text("object"))]);
        for column in &child.columns {
            insert(&mut element, &column.path, leaf(column, false, false), false);
        }
        let rows = object([("type", texts(&["array", "null"])), ("items", element)]);
        insert(&mut root, &child.path, rows, false);
    }
    // The key comes last, because it may be within a member that is a column as a whole.
    for key in plan.key_columns() {
        insert(&mut root, &key.path, leaf(key, true, true), true);
    }
    format!("{root}\n")
}

/// Inserts the schema of a member at its path, and requires the member if told to.
fn insert(schema: &mut Json, path: &[String], leaf: Json, required: bool) {
    let Some((name, rest)) = path.split_first() else { return };
    if required {
        require(schema, name);
    }
    let properties = schema.entry("properties", object([]));
    if rest.is_empty() {
        properties.set(name, leaf);
        return;
    }
    let inner = properties.entry(name, object([("type", texts(&["object", "null"]))]));
    if required {
        inner.set("type", text("object"));
    }
    insert(inner, rest, leaf, required);
}

/// Adds a member to those that an object must have.
fn require(schema: &mut Json, name: &str) {
    let required = schema.entry("required", Json::Array(Vec::new()));
    if let Json::Array(names) = required
        && !names.contains(&text(name))
    {
        names.push(text(name));
    }
}

/// What a column can hold. A text that can be searched must also fit into its index.
fn leaf(column: &Column, is_key: bool, is_searched: bool) -> Json {
    if let Some(existing) = &column.existing {
        return of_existing(existing.holds, is_key);
    }
    let shape = &column.shape;
    let has_texts = shape.texts.count > 0;
    let mut types = match column.kind {
        Kind::BigInt => vec!["integer"],
        Kind::Numeric if has_texts => vec!["number", "string"],
        Kind::Numeric | Kind::Number => vec!["number"],
        Kind::Text if shape.numbers() > 0 => vec!["string", "number"],
        Kind::Text | Kind::Timestamp | Kind::Date | Kind::Uuid => vec!["string"],
        Kind::Boolean => vec!["boolean"],
        Kind::Json if shape.is_object() => vec!["object"],
        Kind::Json if shape.is_array() => vec!["array"],
        Kind::Json => return object([]),
    };
    if !is_key {
        types.push("null");
    }
    let mut leaf = object([("type", if is_key { one_or_all(&types) } else { texts(&types) })]);
    match column.kind {
        Kind::Numeric if has_texts => leaf.set("pattern", text(NUMBER)),
        Kind::Date => leaf.set("format", text("date")),
        Kind::Uuid => leaf.set("format", text("uuid")),
        Kind::Text if is_key => leaf.set("minLength", number(1)),
        _ => {}
    }
    if is_searched && column.kind == Kind::Text {
        leaf.set("maxLength", number(LONGEST));
    }
    leaf
}

/// What a column that exists takes, as far as that is sure without its database.
fn of_existing(holds: Holds, is_key: bool) -> Json {
    let mut types = match holds {
        Holds::Integer | Holds::Number | Holds::Text => vec!["number", "string"],
        Holds::Array => vec!["array"],
        _ => return object([]),
    };
    if !is_key {
        types.push("null");
    }
    object([("type", texts(&types))])
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn number(number: usize) -> Json {
    Json::Number(number.to_string())
}

fn texts<T: AsRef<str>>(all: &[T]) -> Json {
    Json::Array(all.iter().map(|one| text(one.as_ref())).collect())
}

fn one_or_all(types: &[&str]) -> Json {
    if let [one] = types { text(one) } else { texts(types) }
}

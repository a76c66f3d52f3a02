//! Whether a column is named like a member.

use l0_stage::existing::Holds;

use crate::snake::snake;

/// Objects that only hold the message itself: their names say nothing about what is in them.
const ENVELOPES: [&str; 10] = [
    "data",
    "payload",
    "event",
    "message",
    "body",
    "record",
    "attributes",
    "after",
    "document",
    "detail",
];
/// Objects with values that are no longer true.
const FORMER: [&str; 4] = ["before", "old", "previous", "previous_attributes"];
/// Ends of names that say only that the value is a time.
const TIMES: [&str; 5] = ["_at", "_on", "_time", "_ts", "_date"];
/// Names that say only that the value is the time of the event.
const MOMENTS: [&str; 9] =
    ["ts", "time", "at", "timestamp", "datetime", "date", "when", "occurred", "recorded"];
/// Names that mean something else in each object.
const COMMON: &str = " id key uid uuid name title type kind status state code value total amount number \
    count price description note date time timestamp created created_at updated updated_at deleted_at ";

/// The names are the same.
pub const SURE: u32 = 95;

/// How sure it is that a column holds a member; from [`SURE`] on they have the same name. `None` if they
/// have nothing in common. The path is not empty.
pub fn likeness(table: &str, column: &str, holds: Holds, path: &[String]) -> Option<u32> {
    let column = snake(column);
    let words: Vec<_> = path.iter().map(|name| snake(name)).collect();
    if words.iter().any(|word| FORMER.contains(&word.as_str())) {
        return None;
    }
    let (own, top) = own(table, &words);
    let inner = own.join("_");
    let leaf = words.last().cloned().unwrap_or_default();
    let one = singular(table);
    let is_flat = own.len() == 1;
    let is_common = COMMON.contains(&format!(" {leaf} "));
    let likeness = match () {
        () if words.join("_") == column => 100,
        () if inner == column => top,
        () if squashed(&inner) == squashed(&column) || collapsed(own) == column => 80,
        () if format!("{one}_{inner}") == column || inner == format!("{one}_{column}") => 70,
        () if leaf == column && !is_common => 60,
        () if !is_flat => return None,
        () if singular(&leaf) == singular(&column) => 55,
        () if is_id_of(&leaf, &column) || is_id_of(&column, &leaf) => 50,
        () if !matches!(holds, Holds::Time | Holds::Form) => return None,
        () if root(&leaf) == root(&column) => 45,
        () if holds == Holds::Time && is_moment(&leaf) && is_moment(&column) => 40,
        () => return None,
    };
    Some(likeness)
}

/// The name of one of these: `orders` is `order`, `categories` is `category`.
pub fn singular(name: &str) -> String {
    let name = snake(name.rsplit('.').next().unwrap_or(name));
    match (name.strip_suffix("ies"), name.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) if !stem.ends_with('s') => stem.to_owned(),
        _ => name,
    }
}

/// The path within the object that is the row, and how sure it is that this object is the row: what is
/// named like the table, or else an envelope.
fn own<'a>(table: &str, words: &'a [String]) -> (&'a [String], u32) {
    let (mut own, mut top) = (words, 98);
    while let [first, rest @ ..] = own
        && !rest.is_empty()
    {
        match () {
            () if singular(first) == singular(table) => return (rest, 97),
            () if ENVELOPES.contains(&first.as_str()) => (own, top) = (rest, SURE - 5),
            () => break,
        }
    }
    (own, top)
}

/// `order`, `order_id` is `order_id`.
fn collapsed(words: &[String]) -> String {
    let mut name = String::new();
    for word in words {
        let last = name.rsplit('_').next().unwrap_or_default().to_owned();
        if !last.is_empty() && word.starts_with(&format!("{last}_")) {
            name.truncate(name.len() - last.len());
        } else if !name.is_empty() {
            name.push('_');
        }
        name.push_str(word);
    }
    name
}

fn squashed(name: &str) -> String {
    name.replace('_', "")
}

/// `created_at` and `created_on` are both `created`.
pub fn root(name: &str) -> &str {
    TIMES.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// `device_id` is what identifies a `device`.
fn is_id_of(name: &str, of: &str) -> bool {
    let rest = name.strip_prefix(of).unwrap_or_default();
    ["_id", "_uid", "_uuid", "_key", "_code"].contains(&rest)
}

fn is_moment(name: &str) -> bool {
    MOMENTS.contains(&root(name)) || MOMENTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(column: &str, holds: Holds, path: &str) -> Option<u32> {
        let path: Vec<_> = path.split('.').map(str::to_owned).collect();
        likeness("orders", column, holds, &path)
    }

    #[test]
    fn a_column_is_named_like_its_member_in_the_usual_ways() {
        for (column, path) in [
            ("order_number", "order_number"),
            ("orderNumber", "order_number"),
            ("ordernumber", "orderNumber"),
            ("customer_email", "customer.email"),
            ("email", "customer.email"),
            ("status", "data.status"),
            ("order_id", "id"),
            ("order_id", "order.id"),
            ("number", "orderNumber"),
            ("tags", "tag"),
            ("created_at", "created"),
            ("device_id", "device"),
            ("ts", "timestamp"),
            ("recorded_at", "time"),
        ] {
            assert!(like(column, Holds::Time, path).is_some(), "{column} {path}");
        }
    }

    #[test]
    fn what_only_sounds_alike_is_left_alone() {
        for (column, path) in [
            ("total", "currency"),
            ("id", "order"),
            ("status", "status_date"),
            ("paid", "paid_at"),
            ("total", "discount.total"),
            ("created_at", "customer.created"),
            ("email", "before.email"),
        ] {
            assert_eq!(like(column, Holds::Text, path), None, "{column} {path}");
        }
        assert_eq!(like("date", Holds::Form, "time"), None, "a day is not a time");
    }

    #[test]
    fn a_member_of_the_row_itself_comes_before_one_of_an_envelope() {
        let likeness = ["status", "order.status", "event.status", "customer.status"]
            .map(|path| like("status", Holds::Text, path));
        assert_eq!(likeness, [Some(100), Some(97), Some(90), None]);
    }
}

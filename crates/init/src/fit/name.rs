//! Whether a column is named like a member.

use crate::snake::snake;

/// Members that only hold the message itself say nothing about what is in them.
const ENVELOPES: [&str; 9] =
    ["data", "payload", "event", "message", "body", "record", "attributes", "after", "document"];
/// Ends of names that say only that the value is a time.
const TIMES: [&str; 5] = ["_at", "_on", "_time", "_ts", "_date"];
/// Names that say only that the value is the time of the event.
const MOMENTS: [&str; 9] =
    ["ts", "time", "at", "timestamp", "datetime", "date", "when", "occurred", "recorded"];

/// How sure it is that a column holds a member: from 1 to [`SURE`]. `None` if their names have nothing
/// in common. The path is not empty.
pub fn likeness(table: &str, column: &str, path: &[String]) -> Option<u32> {
    let column = snake(column);
    let words: Vec<_> = path.iter().map(|name| snake(name)).collect();
    let own = without_envelope(&words);
    let (full, inner) = (words.join("_"), own.join("_"));
    let leaf = words.last().cloned().unwrap_or_default();
    let deep = u32::try_from(own.len()).unwrap_or(u32::MAX).saturating_sub(1).min(4);
    let one = singular(table);
    let likeness = match () {
        () if full == column || inner == column => SURE,
        () if squashed(&inner) == squashed(&column) => 90,
        () if collapsed(own) == column => 85,
        () if leaf == column => 80 - 5 * deep,
        () if format!("{one}_{inner}") == column || inner == format!("{one}_{column}") => 70,
        () if singular(&leaf) == singular(&column) => 65 - 5 * deep,
        () if root(&leaf) == root(&column) => 60 - 5 * deep,
        () if own.len() == 1 && (is_id_of(&leaf, &column) || is_id_of(&column, &leaf)) => 50,
        () if is_moment(&leaf) && is_moment(&column) => MOMENT - 5 * deep,
        () => return None,
    };
    Some(likeness)
}

/// The names are the same.
pub const SURE: u32 = 100;

/// Both names only say that the value is the time of the event; a deep member is less sure.
pub const MOMENT: u32 = 40;

/// The name of one of these: `orders` is `order`, `categories` is `category`.
pub fn singular(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    match (name.strip_suffix("ies"), name.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) if !stem.ends_with('s') => stem.to_owned(),
        _ => name.to_owned(),
    }
}

fn without_envelope(words: &[String]) -> &[String] {
    match words {
        [first, rest @ ..] if !rest.is_empty() && ENVELOPES.contains(&first.as_str()) => {
            without_envelope(rest)
        }
        words => words,
    }
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
fn root(name: &str) -> &str {
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

    #[test]
    fn a_column_is_named_like_its_member_in_the_usual_ways() {
        for (column, path) in [
            ("order_number", &["order_number"][..]),
            ("order_number", &["orderNumber"]),
            ("ordernumber", &["orderNumber"]),
            ("customer_email", &["customer", "email"]),
            ("email", &["customer", "email"]),
            ("status", &["data", "status"]),
            ("order_id", &["id"]),
            ("number", &["orderNumber"]),
            ("tags", &["tag"]),
            ("created_at", &["created"]),
            ("device_id", &["device"]),
            ("ts", &["timestamp"]),
            ("recorded_at", &["time"]),
        ] {
            let path: Vec<_> = path.iter().map(|name| (*name).to_owned()).collect();
            assert!(likeness("orders", column, &path).is_some(), "{column} {path:?}");
        }
        for (column, member) in [("total", "currency"), ("status", "state"), ("id", "order")] {
            assert_eq!(likeness("orders", column, &[member.to_owned()]), None, "{column}");
        }
    }

    #[test]
    fn the_same_name_is_surer_than_a_similar_one() {
        let sure = likeness("orders", "created_at", &["created_at".to_owned()]);
        let similar = likeness("orders", "created_at", &["created".to_owned()]);
        assert!(sure == Some(SURE) && similar < sure, "{similar:?}");
    }
}

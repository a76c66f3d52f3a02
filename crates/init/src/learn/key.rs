//! Which member identifies a document.

use std::collections::HashMap;

use super::kind::Kind;
use super::shape::Shape;
use super::tree::Json;
use crate::pointer;
use crate::snake::snake;

/// The most characters of a key. The generated schema refuses a longer one.
pub const LONGEST: usize = 500;
/// Members deeper than this rarely identify the document.
const DEEPEST: usize = 4;
/// The most fields to search beside the key.
const MOST_SEARCHED: usize = 3;

/// A member that could be the key.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub path: Vec<String>,
    /// The type of its column.
    pub kind: Kind,
    /// How much its name and its values look like a key; 0 if neither does.
    score: i32,
    /// Whether it is named like the identifier of something that the document mentions: a customer,
    /// a device.
    pub refers: bool,
    /// Why it could be the key.
    pub reason: String,
}

impl Candidate {
    pub fn pointer(&self) -> String {
        pointer::of(&self.path)
    }
}

/// Members that are present in all samples and differ in each, the likeliest first.
pub fn candidates(table: &str, shape: &Shape, messages: &[Json]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for_each_scalar(shape, &mut Vec::new(), &mut |path, shape| {
        if refusal(shape, messages.len()).is_none() && twins(&[path], messages).is_none() {
            let refers = refers(table, path);
            let likely = likeness(table, path, shape);
            let score = likely.map_or(0, |(score, _)| score);
            let why = if refers { Some(REFERS) } else { likely.map(|(_, why)| why) };
            let reason = reason(why, messages.len());
            let kind = Kind::of_key(shape);
            found.push(Candidate { path: path.to_vec(), kind, score, refers, reason });
        }
    });
    // Members with equal scores stay in the order of the document.
    found.sort_by_key(|candidate| (candidate.score == 0, candidate.refers, -candidate.score));
    found
}

const REFERS: &str = "named like an identifier of something else that the document mentions";

/// The likeliest candidate, if any looks like a key of the document itself.
pub fn best(candidates: &[Candidate]) -> Option<&Candidate> {
    candidates.first().filter(|candidate| candidate.score > 0 && !candidate.refers)
}

/// Two members that differ together in all samples, though each repeats: a number within a tenant.
/// One of them is named like an identifier of the document. A single sample proves nothing.
pub fn best_pair(table: &str, shape: &Shape, messages: &[Json]) -> Option<[Vec<String>; 2]> {
    let mut members = Vec::new();
    for_each_scalar(shape, &mut Vec::new(), &mut |path, shape| {
        let kind = Kind::of(shape);
        let fits = !matches!(kind, Kind::Json | Kind::Boolean | Kind::Numeric);
        if fits && refusal(shape, messages.len()).is_none() {
            members
                .push((likeness(table, path, shape).map_or(0, |(score, _)| score), path.to_vec()));
        }
    });
    let own = members.iter().filter(|(score, path)| *score > 0 && !refers(table, path));
    let pairs = own.flat_map(|(score, path)| {
        let others = members.iter().filter(move |(_, other)| other != path);
        others.map(move |(other_score, other)| (score + other_score, [other, path]))
    });
    let proven = pairs.filter(|(_, pair)| twins(pair, messages).is_none());
    // Of pairs with equal scores, the first in the order of the document is taken.
    let best = proven.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (messages.len() > 2).then(|| best.1.map(Clone::clone))
}

/// Whether a member is named like the identifier of something that the document mentions.
fn refers(table: &str, path: &[String]) -> bool {
    const ENVELOPES: [&str; 14] = [
        "data",
        "payload",
        "event",
        "message",
        "body",
        "record",
        "detail",
        "details",
        "object",
        "attributes",
        "after",
        "metadata",
        "meta",
        "document",
    ];
    let Some((name, parents)) = path.split_last() else { return false };
    let is_own = |parent: &String| {
        let parent = snake(parent);
        ENVELOPES.contains(&parent.as_str())
            || parent.trim_end_matches('s') == table.trim_end_matches('s')
    };
    let scored = name_score(table, name);
    let ends = ["_id", "_uuid", "_guid", "_uid", "_key"];
    let of_another = scored <= 20 && ends.iter().any(|end| snake(name).ends_with(end));
    scored > 0 && (of_another || !parents.iter().all(is_own))
}

/// Why the member cannot be the key. `None` if it can.
pub fn refusal(shape: &Shape, messages: usize) -> Option<String> {
    let Shape { present, nulls, booleans, objects, arrays, texts, .. } = shape;
    let why = match () {
        () if *present < messages => {
            format!("{} of {messages} samples have none", messages - present)
        }
        () if *nulls > 0 => "it is null in a sample".to_owned(),
        () if *booleans + *objects + *arrays > 0 => "a key is a text or a number".to_owned(),
        () if texts.empty > 0 => "it is empty in a sample".to_owned(),
        () if texts.longest > LONGEST => format!("a key has at most {LONGEST} characters"),
        () if Kind::of_key(shape) == Kind::Text && shape.endless > 0 => {
            "a sample has a number with more digits than a database keeps".to_owned()
        }
        () => return None,
    };
    Some(why)
}

/// Two different samples with the same values at these paths. Samples are counted from 1.
pub fn twins<P: AsRef<[String]>>(paths: &[P], messages: &[Json]) -> Option<(usize, usize)> {
    let mut seen: HashMap<Vec<&str>, usize> = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        let value = |path: &P| match message.get(path.as_ref()) {
            Some(Json::Text(value) | Json::Number(value)) => Some(value.as_str()),
            _ => None,
        };
        let Some(values) = paths.iter().map(value).collect::<Option<Vec<_>>>() else { continue };
        match seen.get(&values) {
            Some(before) if messages.get(*before) != Some(message) => {
                return Some((before + 1, at + 1));
            }
            _ => seen.insert(values, at),
        };
    }
    None
}

/// Members by which people search documents, beside the key.
pub fn searched(table: &str, shape: &Shape, key: &[Vec<String>]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for_each_scalar(shape, &mut Vec::new(), &mut |path, shape| {
        let named = path.last().map_or(0, |name| name_score(table, name));
        let fits = matches!(Kind::of(shape), Kind::Text | Kind::BigInt | Kind::Uuid)
            && shape.texts.longest <= LONGEST;
        if named > 0 && fits && !key.iter().any(|it| it == path) && path.len() <= 2 {
            found.push((named - depth_price(path), path.to_vec()));
        }
    });
    found.sort_by_key(|(score, _)| -score);
    found.into_iter().take(MOST_SEARCHED).map(|(_, path)| path).collect()
}

fn for_each_scalar(shape: &Shape, path: &mut Vec<String>, see: &mut impl FnMut(&[String], &Shape)) {
    for (name, member) in shape.members.iter() {
        path.push(name.to_owned());
        if member.scalars() > 0 {
            see(path, member);
        }
        if path.len() < DEEPEST {
            for_each_scalar(member, path, see);
        }
        path.pop();
    }
}

fn likeness(table: &str, path: &[String], shape: &Shape) -> Option<(i32, &'static str)> {
    let texts = &shape.texts;
    let by_value = match () {
        () if texts.count > 0 && texts.uuids == texts.count => 15,
        () if texts.count > 0 && texts.digests == texts.count => 10,
        () => 0,
    };
    let is_of_keys = matches!(Kind::of(shape), Kind::BigInt | Kind::Uuid | Kind::Text);
    let by_name = path.last().filter(|_| is_of_keys).map_or(0, |name| name_score(table, name));
    let why = match (by_name, by_value) {
        (0, 0) => return None,
        (0, _) => "its values look like identifiers",
        _ => "named like an identifier",
    };
    // A deep member is still a better key than none.
    Some(((by_name + by_value - depth_price(path)).max(1), why))
}

fn depth_price(path: &[String]) -> i32 {
    i32::try_from(path.len()).map_or(i32::MAX, |length| (length - 1) * 12)
}

/// Whether a member is named like an identifier of anything.
pub fn is_named_like_one(member: &str) -> bool {
    name_score("", member) > 0
}

/// A name that identifies the document scores higher than a name that identifies a part of it.
fn name_score(table: &str, member: &str) -> i32 {
    let name = snake(member);
    let own = name.strip_prefix(table.trim_end_matches('s')).unwrap_or(&name);
    let own = own.trim_start_matches(['s', '_']);
    let is_own = own.len() < name.len();
    match name.as_str() {
        "id" | "uuid" | "guid" | "key" | "uid" => 40,
        "message_id" | "event_id" | "request_id" | "transaction_id" | "document_id"
        | "record_id" => 35,
        "number" | "sequence" | "seq" | "offset" | "reference" => 20,
        _ if is_own && ["id", "uuid", "guid", "uid", "key", "number", "no"].contains(&own) => 40,
        _ if name.ends_with("phone_number") || name.ends_with("line_number") => 0,
        _ if name.ends_with("_number") => 25,
        _ if ["_uuid", "_guid", "_uid", "_key"].iter().any(|end| name.ends_with(end)) => 20,
        _ if name.ends_with("_id") => 10,
        _ => 0,
    }
}

fn reason(likely: Option<&'static str>, messages: usize) -> String {
    let seen = match messages {
        1 => "with one sample it is not known whether it differs in each message".to_owned(),
        _ => format!("present and different in all {messages} samples"),
    };
    likely.map_or_else(|| seen.clone(), |why| format!("{why}; {seen}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(table: &str, messages: &[serde_json::Value]) -> Vec<String> {
        let messages: Vec<Json> =
            messages.iter().map(|it| serde_json::from_str(&it.to_string()).unwrap()).collect();
        let found = candidates(table, &Shape::of(&messages), &messages);
        found.iter().filter(|it| it.score > 0).map(Candidate::pointer).collect()
    }

    #[test]
    fn an_identifier_of_the_document_comes_before_one_of_something_in_it() {
        let invoice = serde_json::json!({
            "customer_id": "c1", "invoice_number": "2026-1", "phone_number": "1",
            "seller": {"id": 7}, "note": "x"
        });
        let ranked = ranked("invoices", &[invoice]);
        assert_eq!(ranked, ["/invoice_number", "/seller/id", "/customer_id"]);
    }

    fn taken(table: &str, message: &serde_json::Value) -> Option<String> {
        let messages = [serde_json::from_str(&message.to_string()).unwrap()];
        let found = candidates(table, &Shape::of(&messages), &messages);
        best(&found).map(Candidate::pointer)
    }

    #[test]
    fn an_identifier_of_something_else_is_not_the_best() {
        for reference in [
            serde_json::json!({"customer_id": "c1", "amount": 3}),
            serde_json::json!({"device_uuid": "b9a4cbb8-6c2e-4d27-a7b8-3f1d6c1d9c11"}),
            serde_json::json!({"actor": {"id": 7, "login": "ann"}, "action": "opened"}),
            serde_json::json!({"sensor": {"device": {"uid": "x"}}}),
        ] {
            assert_eq!(taken("readings", &reference), None, "{reference}");
        }
    }

    #[test]
    fn an_identifier_within_an_envelope_is_the_documents_own() {
        let event = serde_json::json!({"type": "made", "data": {"order": {"id": 7}}});
        assert_eq!(taken("orders", &event).as_deref(), Some("/data/order/id"));
        assert_eq!(
            taken("orders", &serde_json::json!({"order_id": 7})).as_deref(),
            Some("/order_id")
        );
    }

    #[test]
    fn two_members_that_differ_only_together_are_a_pair() {
        let pair = |messages: &[serde_json::Value]| {
            let messages: Vec<Json> =
                messages.iter().map(|it| serde_json::from_str(&it.to_string()).unwrap()).collect();
            let found = best_pair("invoices", &Shape::of(&messages), &messages)?;
            Some(found.map(|path| pointer::of(&path)))
        };
        let invoice = |tenant: &str, number: u8| serde_json::json!({"tenant": tenant, "invoice_number": number, "total": 5});
        let samples = [invoice("a", 1), invoice("a", 2), invoice("b", 1)];
        assert_eq!(pair(&samples), Some(["/tenant".to_owned(), "/invoice_number".to_owned()]));
        assert_eq!(pair(&samples[..2]), None, "two samples prove nothing");
    }

    #[test]
    fn what_repeats_or_is_absent_in_a_sample_is_no_key() {
        let samples = [
            serde_json::json!({"order_uid": "same", "track_number": "a", "uuid": "x"}),
            serde_json::json!({"order_uid": "same", "track_number": "b"}),
        ];
        assert_eq!(ranked("order", &samples), ["/track_number"]);
    }

    #[test]
    fn nothing_speaks_for_a_member_without_a_name_or_value_of_a_key() {
        let line = serde_json::json!({"level": "info", "msg": "started", "ok": true});
        assert!(ranked("log", &[line]).is_empty());
    }
}

//! Decides the key: it is named by the user, asked for, or the likeliest, with a reason.

use std::io::{IsTerminal as _, stderr, stdin};

use super::ask;
use super::key::{self, Candidate};
use super::samples::Samples;
use super::shape::Shape;
use crate::{pointer, toml};

/// The most other candidates that are named if none is likely.
const MOST_NAMED: usize = 12;

/// What identifies a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Members, by their paths.
    Members(Vec<Vec<String>>),
    /// A value of the message that brings it: `@id` or `@digest`.
    Message(&'static str),
}

/// Values of a message that can be the key of any document, and what that means.
pub const OF_MESSAGE: [(&str, &str); 2] = [
    (
        "@id",
        "every message is a document, and only the same one again is a duplicate (not over HTTP)",
    ),
    ("@digest", "messages with the same bytes are one document"),
];

impl Identity {
    /// The paths of the key's members. Empty if the key is a value of the message.
    pub fn members(&self) -> &[Vec<String>] {
        match self {
            Self::Members(paths) => paths,
            Self::Message(_) => &[],
        }
    }

    /// The key as a text for the user.
    pub fn shown(&self) -> String {
        match self {
            Self::Members(paths) => {
                let pointers = paths.iter().map(|path| toml::comment(&pointer::of(path)));
                pointers.collect::<Vec<_>>().join(" and ")
            }
            Self::Message(value) => (*value).to_owned(),
        }
    }
}

/// The decision, and its reason.
#[derive(Debug)]
pub struct Key {
    pub of: Identity,
    pub reason: String,
    /// A warning against this key.
    pub warning: Option<String>,
}

/// # Errors
/// A named member cannot be the key.
pub fn named(texts: &[String], shape: &Shape, samples: &Samples) -> Result<Key, String> {
    let reason = "named by --key".to_owned();
    if let [text] = texts
        && let Some((value, _)) = OF_MESSAGE.iter().find(|(value, _)| value == text)
    {
        return Ok(Key { of: Identity::Message(value), reason, warning: None });
    }
    let paths = texts.iter().map(|text| member(text, shape, samples));
    let paths = paths.collect::<Result<Vec<_>, _>>()?;
    let of = Identity::Members(paths);
    let warning = key::twins(of.members(), &samples.messages).map(|(one, other)| {
        format!(
            "messages {one} and {other} differ but have the same {}: the later one becomes a conflict",
            of.shown()
        )
    });
    Ok(Key { of, reason, warning })
}

fn member(text: &str, shape: &Shape, samples: &Samples) -> Result<Vec<String>, String> {
    if text.starts_with('@') {
        let values = OF_MESSAGE.map(|(value, _)| value).join(" or ");
        return Err(format!(
            "--key: {text} cannot be used: {values} must be the only --key, and no member begins with `@`"
        ));
    }
    let path = pointer::parse(text).map_err(|problem| format!("--key: {problem}"))?;
    let messages = &samples.messages;
    let found = shape.get(&path).ok_or_else(|| {
        let among = match shape.members.len() {
            0 => "they are empty objects".to_owned(),
            _ => format!("their members are {}", top(shape)),
        };
        format!("--key: no sample has {text}; {among}")
    })?;
    match key::refusal(found, messages.len()) {
        Some(why) => Err(format!("--key: {text} cannot be the key: {why}")),
        None => Ok(path),
    }
}

/// # Errors
/// No member looks like a key. The text says what `--key` could name.
pub fn likeliest(
    table: &str,
    shape: &Shape,
    samples: &Samples,
    may_ask: bool,
) -> Result<Key, String> {
    let candidates = key::candidates(table, shape, &samples.messages);
    let may_ask = may_ask && stdin().is_terminal() && stderr().is_terminal();
    if may_ask && candidates.len() > 1 {
        let chosen = ask::choose(&candidates, stdin().lock(), stderr());
        let chosen = chosen.map_err(|error| format!("cannot ask for the key: {error}"))?;
        let chosen = candidates.get(chosen).ok_or("no key was chosen")?;
        return Ok(taken(chosen, "chosen by you".to_owned()));
    }
    let messages = &samples.messages;
    match (key::best(&candidates), key::best_pair(table, shape, messages)) {
        (Some(best), _) => Ok(taken(best, format!("taken: {}", best.reason))),
        (None, Some(pair)) => {
            let count = messages.len();
            let reason =
                format!("taken: each repeats in the samples, both together differ in all {count}");
            Ok(Key { of: Identity::Members(pair.into()), reason, warning: None })
        }
        (None, None) => match candidates.iter().find(|it| it.refers) {
            Some(reference) => Ok(marked(reference)),
            None => Err(nothing_likely(&candidates)),
        },
    }
}

/// Takes as the key a member that is named like the identifier of something else, and adds a
/// warning.
fn marked(reference: &Candidate) -> Key {
    let warning = format!(
        "if several messages have the same {}, all but the first become conflicts: `--key` names \
         another member, or {} for events without an identity",
        toml::comment(&reference.pointer()),
        OF_MESSAGE.map(|(value, _)| format!("`{value}`")).join(" or "),
    );
    Key { warning: Some(warning), ..taken(reference, format!("taken: {}", reference.reason)) }
}

fn taken(candidate: &Candidate, reason: String) -> Key {
    let of = Identity::Members(vec![candidate.path.clone()]);
    Key { of, reason, warning: None }
}

fn nothing_likely(candidates: &[Candidate]) -> String {
    let lines = candidates.iter().take(MOST_NAMED).map(|candidate| {
        let refers = if candidate.refers { "; is it an identifier of something else?" } else { "" };
        let kind = candidate.kind.of_key_as_str();
        format!("\n  --key '{}'  {kind}{refers}", toml::comment(&candidate.pointer()))
    });
    let others = candidates.len().saturating_sub(MOST_NAMED);
    let others = if others > 0 { format!("\n  and {others} others") } else { String::new() };
    let members: String = lines.chain([others]).collect();
    let of_message = OF_MESSAGE.map(|(value, what)| format!("\n  --key {value}  {what}")).concat();
    format!(
        "no member is named like a key of the document or looks like one\nhelp: name what is different \
         in each message. Several `--key` are one key together. It could be{members}{of_message}"
    )
}

fn top(shape: &Shape) -> String {
    let names = shape.members.iter().take(MOST_NAMED);
    let names = names.map(|(name, _)| toml::comment(&pointer::of(&[name.to_owned()])));
    names.collect::<Vec<_>>().join(", ")
}

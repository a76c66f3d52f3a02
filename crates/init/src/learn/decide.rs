//! Decides the key: it is named by the user, asked for, or the likeliest, with a reason.

use std::io::{IsTerminal as _, stderr, stdin};

use super::ask;
use super::key::{self, Candidate};
use super::samples::Samples;
use super::shape::Shape;
use crate::{pointer, toml};

/// The most other candidates that are named if none is likely.
const MOST_NAMED: usize = 12;

/// The decision, and its reason.
#[derive(Debug)]
pub struct Key {
    pub path: Vec<String>,
    pub reason: String,
    /// A warning against this key.
    pub warning: Option<String>,
}

/// # Errors
/// The named member cannot be the key.
pub fn named(text: &str, shape: &Shape, samples: &Samples) -> Result<Key, String> {
    let path = pointer::parse(text).map_err(|problem| format!("--key: {problem}"))?;
    let messages = &samples.messages;
    let found = shape.get(&path).ok_or_else(|| {
        let among = match shape.members.len() {
            0 => "they are empty objects".to_owned(),
            _ => format!("their members are {}", top(shape)),
        };
        format!("--key: no sample has {text}; {among}")
    })?;
    if let Some(why) = key::refusal(found, messages.len()) {
        return Err(format!("--key: {text} cannot be the key: {why}"));
    }
    let warning = key::twins(&path, messages).map(|(one, other)| {
        format!(
            "messages {one} and {other} differ but have the same {text}: the later one becomes a conflict"
        )
    });
    Ok(Key { path, reason: "named by --key".to_owned(), warning })
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
    match key::best(&candidates) {
        Some(best) => Ok(taken(best, format!("taken: {}", best.reason))),
        None => Err(nothing_likely(&candidates)),
    }
}

fn taken(candidate: &Candidate, reason: String) -> Key {
    Key { path: candidate.path.clone(), reason, warning: None }
}

fn nothing_likely(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return "nothing can be the key: it must be a text or a number that is present in every \
                message and different in each\nhelp: add a member such as \"id\" to the messages"
            .to_owned();
    }
    let lines = candidates.iter().take(MOST_NAMED).map(|candidate| {
        format!(
            "\n  --key '{}'  {}",
            toml::comment(&candidate.pointer()),
            candidate.kind.of_key_as_str()
        )
    });
    let others = candidates.len().saturating_sub(MOST_NAMED);
    let others = if others > 0 { format!("\n  and {others} others") } else { String::new() };
    format!(
        "no member is named like a key or looks like one\nhelp: name the one that is different in \
         each message; it could be{}{others}",
        lines.collect::<String>()
    )
}

fn top(shape: &Shape) -> String {
    let names = shape.members.iter().take(MOST_NAMED);
    let names = names.map(|(name, _)| toml::comment(&pointer::of(&[name.to_owned()])));
    names.collect::<Vec<_>>().join(", ")
}

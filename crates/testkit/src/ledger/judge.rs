use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use l0_stage::Reason;

use super::{Content, Entry};

/// What a database holds in the end.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// The stored documents, byte for byte.
    pub documents: Vec<Bytes>,
    /// The dead letters.
    pub letters: Vec<Letter>,
}

/// A dead letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The identity of its message: stream, its creation, sequence.
    pub message: String,
    /// Its exact bytes.
    pub payload: Bytes,
    /// Why it was buried.
    pub reason: String,
}

/// All messages with the same bytes.
struct Fact<'a> {
    payload: &'a [u8],
    key: u64,
    content: Content,
    intended: usize,
    confirmed: usize,
    stored: usize,
    reasons: Vec<&'a str>,
}

pub(super) fn judge(entries: &[Entry], books: &Books) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut facts = facts(entries);
    for document in &books.documents {
        match facts.get_mut(&document[..]) {
            Some(fact) => fact.stored += 1,
            None => mistakes.push(format!("invented document {}", show(document))),
        }
    }
    let mut messages = BTreeSet::new();
    for Letter { message, payload, reason } in &books.letters {
        match facts.get_mut(&payload[..]) {
            Some(fact) => fact.reasons.push(reason),
            None => mistakes.push(format!("invented letter {}", show(payload))),
        }
        if !messages.insert(message) {
            mistakes.push(format!("message {message} was buried twice: {}", show(payload)));
        }
    }
    let mut keys: BTreeMap<u64, Vec<&Fact<'_>>> = BTreeMap::new();
    for fact in facts.values() {
        match fact.content.reason() {
            Some(reason) => mistakes.extend(fact.must_be_buried(reason)),
            None => keys.entry(fact.key).or_default().push(fact),
        }
    }
    mistakes.extend(keys.values().flat_map(|variants| judge_key(variants)));
    mistakes
}

fn facts(entries: &[Entry]) -> HashMap<&[u8], Fact<'_>> {
    let mut facts = HashMap::new();
    for Entry { payload, key, content, confirmed, .. } in entries {
        let fact = facts.entry(&payload[..]).or_insert(Fact {
            payload,
            key: *key,
            content: *content,
            intended: 0,
            confirmed: 0,
            stored: 0,
            reasons: Vec::new(),
        });
        fact.intended += 1;
        fact.confirmed += usize::from(*confirmed);
    }
    facts
}

/// The good documents of one key. If any was confirmed, exactly one of them is stored, once. The
/// others are conflicts.
fn judge_key(variants: &[&Fact<'_>]) -> Vec<String> {
    let stored: usize = variants.iter().map(|fact| fact.stored).sum();
    let confirmed = variants.iter().any(|fact| fact.confirmed > 0);
    let mut mistakes = Vec::new();
    if stored > 1 || (stored == 0 && confirmed) {
        let verb = if stored == 0 { "was lost" } else { "was stored more than once" };
        mistakes.push(format!("key {} {verb}: {}", variants[0].key, show(variants[0].payload)));
    }
    for fact in variants {
        if fact.stored == 0 && stored > 0 {
            mistakes.extend(fact.must_be_buried(Reason::Conflict));
        } else if !fact.reasons.is_empty() {
            let reasons = fact.reasons.join(", ");
            mistakes.push(format!("good, but buried as {reasons}: {}", show(fact.payload)));
        }
    }
    mistakes
}

impl Fact<'_> {
    /// Buried once per message. One that the broker never confirmed may be missing.
    fn must_be_buried(&self, reason: Reason) -> Vec<String> {
        let mut mistakes = Vec::new();
        let say = |what: String| format!("{what}: {}", show(self.payload));
        let letters = self.reasons.len();
        if !(self.confirmed..=self.intended).contains(&letters) {
            mistakes.push(say(format!("{letters} letters for {} messages", self.confirmed)));
        }
        if let Some(wrong) = self.reasons.iter().find(|found| **found != reason.as_str()) {
            mistakes.push(say(format!("buried as {wrong}, not as {}", reason.as_str())));
        }
        if self.stored > 0 {
            mistakes.push(say(format!("stored, though a {}", reason.as_str())));
        }
        mistakes
    }
}

fn show(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).chars().take(120).collect()
}

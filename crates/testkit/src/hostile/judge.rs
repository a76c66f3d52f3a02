use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use bytes::Bytes;

use super::{Fate, Message, Refusal};

/// The state after a run.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// The stored documents.
    pub rows: Vec<Row>,
    /// Rows of the child table that belong to no document.
    pub strays: usize,
    /// The dead letters.
    pub letters: Vec<Letter>,
    /// What the instances have logged.
    pub log: String,
}

impl Books {
    /// Whether a message is stored.
    #[must_use]
    pub fn hold(&self, message: &Message) -> bool {
        self.rows.iter().any(|row| row.document == message.payload)
    }
}

/// A stored document.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its exact bytes.
    pub document: Bytes,
    /// Its rows in the child table.
    pub parts: usize,
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
    /// The reason in detail.
    pub detail: String,
    /// The time from its publication to its burial.
    pub after: Duration,
}

/// What is wrong, one line each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What may still come with time.
    pub missing: Vec<String>,
    /// What time cannot repair.
    pub mistakes: Vec<String>,
}

/// All messages with the same bytes.
struct Case<'a> {
    message: &'a Message,
    published: usize,
    stored: usize,
    letters: Vec<&'a Letter>,
}

/// Tolerance for the clocks of broker and database, and for rounding.
const CLOCKS: Duration = Duration::from_millis(100);

pub(super) fn judge<'a>(messages: &'a [Message], books: &'a Books, patience: Duration) -> Verdict {
    let mut verdict = Verdict::default();
    let mut cases = cases(messages);
    verdict.rows(&mut cases, books);
    verdict.letters(&mut cases, books);
    let mut groups: BTreeMap<u64, Vec<&Case<'_>>> = BTreeMap::new();
    let mut cases: Vec<_> = cases.into_values().collect();
    cases.sort_by(|one, other| one.message.payload.cmp(&other.message.payload));
    for case in &cases {
        match case.message.fate {
            Fate::Stored => verdict.must_be_stored(case),
            Fate::Buried(refusal) => verdict.must_be_buried(case, refusal, patience),
            Fate::OneOf(group, _) => groups.entry(group).or_default().push(case),
        }
        verdict.said(case, books);
    }
    groups.values().for_each(|group| verdict.one_must_be_stored(group, patience));
    verdict
}

fn cases<'a>(messages: &'a [Message]) -> HashMap<&'a [u8], Case<'a>> {
    let mut cases = HashMap::new();
    for message in messages {
        let new = || Case { message, published: 0, stored: 0, letters: Vec::new() };
        cases.entry(&message.payload[..]).or_insert_with(new).published += 1;
    }
    cases
}

impl Verdict {
    /// Whether nothing is wrong and nothing is missing.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.missing.is_empty() && self.mistakes.is_empty()
    }

    fn mistake(&mut self, what: &str, case: &Case<'_>) {
        self.mistakes.push(format!("{what}: {}", show(&case.message.payload)));
    }

    fn missing(&mut self, what: &str, case: &Case<'_>) {
        self.missing.push(format!("{what}: {}", show(&case.message.payload)));
    }

    fn rows<'a>(&mut self, cases: &mut HashMap<&'a [u8], Case<'a>>, books: &'a Books) {
        for row in &books.rows {
            let Some(case) = cases.get_mut(&row.document[..]) else {
                self.mistakes.push(format!("invented document {}", show(&row.document)));
                continue;
            };
            case.stored += 1;
            let (parts, expected) = (row.parts, case.message.parts);
            if parts != expected {
                self.mistakes.push(format!(
                    "half a document, {parts} rows of {expected}: {}",
                    show(&row.document)
                ));
            }
        }
        if books.strays > 0 {
            self.mistakes.push(format!("{} rows belong to no document", books.strays));
        }
    }

    fn letters<'a>(&mut self, cases: &mut HashMap<&'a [u8], Case<'a>>, books: &'a Books) {
        let mut messages = BTreeSet::new();
        for letter in &books.letters {
            match cases.get_mut(&letter.payload[..]) {
                Some(case) => case.letters.push(letter),
                None => self.mistakes.push(format!("invented letter {}", show(&letter.payload))),
            }
            if !messages.insert(&letter.message) {
                let payload = show(&letter.payload);
                self.mistakes.push(format!("message {} buried twice: {payload}", letter.message));
            }
        }
    }

    fn must_be_stored(&mut self, case: &Case<'_>) {
        match case.stored {
            0 => self.missing("good, and not stored", case),
            1 => {}
            _ => self.mistake("stored more than once", case),
        }
        self.must_not_be_buried(case);
    }

    fn must_not_be_buried(&mut self, case: &Case<'_>) {
        if let Some(letter) = case.letters.first() {
            let Letter { reason, detail, .. } = letter;
            self.mistake(&format!("good, and buried as {reason} ({detail})"), case);
        }
    }

    fn one_must_be_stored(&mut self, group: &[&Case<'_>], patience: Duration) {
        let stored: usize = group.iter().map(|case| case.stored).sum();
        for case in group {
            match case.message.fate {
                Fate::OneOf(_, refusal) if case.stored == 0 && stored > 0 => {
                    self.must_be_buried(case, refusal, patience);
                }
                _ => self.must_not_be_buried(case),
            }
        }
        match stored {
            0 => self.missing("none of its rivals is stored", group[0]),
            1 => {}
            _ => self.mistake("stored beside its rival", group[0]),
        }
    }

    fn must_be_buried(&mut self, case: &Case<'_>, refusal: Refusal, patience: Duration) {
        let stored = usize::from(refusal == Refusal::Hidden);
        if case.stored != stored {
            self.mistake(&format!("stored {} times, and refused", case.stored), case);
        }
        let letters = case.letters.len();
        if letters < case.published {
            self.missing(&format!("{letters} letters for {} messages", case.published), case);
        }
        if letters > case.published {
            self.mistake(&format!("{letters} letters for {} messages", case.published), case);
        }
        for letter in &case.letters {
            if !refusal.is_told_by(letter) {
                let Letter { reason, detail, .. } = letter;
                self.mistake(&format!("buried as {reason} ({detail}), not for {refusal:?}"), case);
            }
            if refusal.takes_patience() && letter.after + CLOCKS < patience {
                let after = letter.after;
                self.mistake(&format!("buried after {after:?} already, {refusal:?}"), case);
            }
        }
    }

    /// Checks that a swallowed row is reported in the log.
    fn said(&mut self, case: &Case<'_>, books: &Books) {
        let says = |line: &str| line.contains("WARN") && line.contains("parts");
        if case.message.swallowed > 0 && case.stored > 0 && !books.log.lines().any(says) {
            self.missing("a row was swallowed, and no warning says it", case);
        }
    }
}

impl Refusal {
    /// Whether a letter gives the true reason.
    fn is_told_by(self, letter: &Letter) -> bool {
        let Letter { reason, detail, .. } = letter;
        match self {
            Self::Malformed => reason == "invalid_json",
            Self::Conflict => reason == "conflict",
            Self::Unfit(column) => reason == "unfit_value" && detail.contains(column),
            Self::Rule(name) => {
                reason == "rejected_by_database" && name.is_none_or(|name| detail.contains(name))
            }
            Self::Unexplained => {
                reason == "rejected_by_database" && !detail.contains("held elsewhere")
            }
            Self::Hidden => ["rejected_by_database", "conflict"].contains(&&reason[..]),
        }
    }

    fn takes_patience(self) -> bool {
        matches!(self, Self::Unexplained | Self::Hidden)
    }
}

fn show(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).chars().take(160).collect()
}

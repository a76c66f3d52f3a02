//! `GET /api/dead-letters`: the list, and a single letter.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use l0_stage::letters::{
    BuriedLetter, Decision, DecisionKind, LetterFilter, LetterPage, PageStart,
};
use serde::Serialize;

use super::asked::{Asked, invalid};
use super::{Answer, Api, json};
use crate::problem::Problem;
use l0_observe::Moment;

/// Characters of a payload that a list shows.
const PREVIEW: usize = 200;
/// The most bytes that this many characters can have.
pub(crate) const PREVIEW_BYTES: usize = PREVIEW * 4;

/// A dead letter as a list shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Letter {
    id: i64,
    buried: Moment,
    reason: String,
    detail: String,
    key: Option<String>,
    stream: String,
    sequence: u64,
    subject: String,
    published: Moment,
    deliveries: u64,
    size: u64,
    preview: String,
    state: &'static str,
    decided: Option<Moment>,
    document: Option<i64>,
}

impl From<&BuriedLetter> for Letter {
    fn from(letter: &BuriedLetter) -> Self {
        let BuriedLetter { message, decision, .. } = letter;
        let (state, document) = state(*decision);
        Self {
            id: letter.id,
            buried: Moment(letter.buried_at),
            reason: letter.reason.clone(),
            detail: letter.detail.clone(),
            key: letter.document_key.clone(),
            stream: message.origin.stream.to_string(),
            sequence: message.origin.sequence,
            subject: message.subject.clone(),
            published: Moment(message.origin.published),
            deliveries: message.origin.attempt,
            size: letter.size,
            preview: preview(&message.payload),
            state,
            decided: decision.map(|decision| Moment(decision.at)),
            document,
        }
    }
}

fn state(decision: Option<Decision>) -> (&'static str, Option<i64>) {
    match decision.map(|decision| decision.kind) {
        None => ("waiting", None),
        Some(DecisionKind::Replayed(document)) => ("replayed", document),
        Some(DecisionKind::Discarded) => ("discarded", None),
    }
}

fn preview(payload: &[u8]) -> String {
    let begin = &payload[..payload.len().min(PREVIEW_BYTES)];
    String::from_utf8_lossy(begin).chars().take(PREVIEW).collect()
}

#[derive(Debug, Serialize)]
struct Page {
    letters: Vec<Letter>,
    next: Option<i64>,
}

/// `GET /api/dead-letters`: the newest first.
pub(crate) async fn list(api: Arc<Api>, asked: Asked) -> Answer {
    let mut parameters = asked.parameters()?;
    let (limit, before) = (parameters.take_limit()?, parameters.take_id("before")?);
    let filter = LetterFilter {
        reason: parameters.take("reason"),
        document_key: parameters.take("key"),
        decided: flag(parameters.take("decided"))?,
        ..Default::default()
    };
    parameters.refuse_others()?;
    let from = PageStart::Before(before.unwrap_or(i64::MAX));
    // One more tells whether there is a further page.
    let page = LetterPage { from, limit: limit + 1, payload_bytes: PREVIEW_BYTES };
    let found = api.letters()?.list(&filter, &page).await;
    let found = found.map_err(|error| api.complaints.of(UNREADABLE, &error))?;
    let letters: Vec<_> = found.iter().take(limit).map(Letter::from).collect();
    let next = letters.last().map(|letter| letter.id).filter(|_| found.len() > limit);
    Ok(json(&Page { letters, next }))
}

/// The log line if letters cannot be read.
const UNREADABLE: &str = "dead letters cannot be read";

fn flag(text: Option<String>) -> Result<bool, Problem> {
    match text.as_deref() {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(invalid("`decided` is true or false".to_owned())),
    }
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    letter: Letter,
    payload: Option<String>,
    payload_base64: Option<String>,
    headers: String,
}

/// `GET /api/dead-letters/{id}`: with its payload and headers.
pub(crate) async fn one(api: Arc<Api>, asked: Asked) -> Answer {
    let id = asked.id()?;
    asked.parameters()?.refuse_others()?;
    let letter = api.letter(id).await?;
    let message = &letter.message;
    let (payload, payload_base64) = match std::str::from_utf8(&message.payload) {
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (None, Some(STANDARD.encode(&message.payload))),
    };
    let headers = String::from_utf8_lossy(&message.headers).into_owned();
    Ok(json(&Whole { letter: Letter::from(&letter), payload, payload_base64, headers }))
}

impl Api {
    /// The whole letter with this id.
    pub async fn letter(&self, id: i64) -> Result<BuriedLetter, Problem> {
        let found = self.letters()?.get(id).await;
        let found = found.map_err(|error| self.complaints.of(UNREADABLE, &error))?;
        found.ok_or(Problem::no_such_letter())
    }
}

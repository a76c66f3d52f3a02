//! A dead letter as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use l0_stage::letters::{BuriedLetter, DecisionKind};
use serde_json::{Value, json};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const FORMAT: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// `waiting`, `replayed` or `discarded`.
pub fn state(letter: &BuriedLetter) -> &'static str {
    match letter.decision.map(|decision| decision.kind) {
        None => "waiting",
        Some(DecisionKind::Replayed(_)) => "replayed",
        Some(DecisionKind::Discarded) => "discarded",
    }
}

/// A letter without its payload, with the names that the HTTP API gives its fields.
pub fn head(letter: &BuriedLetter) -> Value {
    let BuriedLetter { message, decision, .. } = letter;
    let document = match decision.map(|decision| decision.kind) {
        Some(DecisionKind::Replayed(document)) => document,
        _ => None,
    };
    json!({
        "id": letter.id,
        "buried": moment(letter.buried_at),
        "reason": letter.reason,
        "detail": letter.detail,
        "key": letter.document_key,
        "stream": message.origin.stream.to_string(),
        "sequence": message.origin.sequence,
        "subject": message.subject,
        "published": moment(message.origin.published),
        "deliveries": message.origin.attempt,
        "size": letter.size,
        "state": state(letter),
        "decided": decision.and_then(|decision| moment(decision.at)),
        "document": document,
    })
}

/// A letter with its exact bytes: as text if they are UTF-8, otherwise in base64.
pub fn whole(letter: &BuriedLetter) -> Value {
    let mut whole = head(letter);
    let payload = std::str::from_utf8(&letter.message.payload);
    whole["payload"] = json!(payload.ok());
    let bytes = || STANDARD.encode(&letter.message.payload);
    whole["payload_base64"] = json!(payload.is_err().then(bytes));
    whole["headers"] = json!(String::from_utf8_lossy(&letter.message.headers));
    whole
}

/// A time by RFC 3339, in UTC with milliseconds.
fn moment(at: OffsetDateTime) -> Option<String> {
    let utc = at.checked_to_offset(UtcOffset::UTC)?;
    utc.format(FORMAT).ok()
}

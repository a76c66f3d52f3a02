use crate::Coding;

/// Says what a payload is instead of JSON, such as gzip or HTML, by its first bytes. `None` if it
/// may be JSON.
#[must_use]
pub fn foreign(payload: &[u8]) -> Option<String> {
    let told = |coding: Coding, instead: &str| Some(format!("{coding}; send {instead}"));
    match Coding::of(payload) {
        Coding::MarkedUtf8 => told(Coding::MarkedUtf8, "it without the mark"),
        coding @ Coding::Utf16 => told(coding, "UTF-8"),
        coding @ (Coding::Gzip | Coding::Packed(_)) => told(coding, "it unpacked"),
        Coding::Utf8 => of_text(payload).map(str::to_owned),
    }
}

fn of_text(payload: &[u8]) -> Option<&'static str> {
    let text = payload.trim_ascii_start();
    let begins = |with: &str| {
        text.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with.as_bytes()))
    };
    match text.first() {
        None if payload.is_empty() => Some("empty"),
        None => Some("nothing but white space"),
        Some(b'<') if begins("<!doctype html") || begins("<html") => Some("HTML, not JSON"),
        Some(b'<') => Some("XML, not JSON"),
        Some(_) => None,
    }
}

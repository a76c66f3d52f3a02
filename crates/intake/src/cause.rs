//! Explains in plain words why a payload is not JSON.

use serde_json::Error;

use crate::place::Place;
use crate::{foreign, word};

/// The length of an escape such as `\ud83d`, in bytes.
const ESCAPE: usize = 6;

/// Says why a payload is not JSON, and where the mistake is. The text does not quote the payload,
/// except words of other languages such as `NaN`, and half of a surrogate pair.
#[must_use]
pub fn cause(payload: &[u8], error: &Error) -> String {
    if let Some(foreign) = foreign(payload) {
        return foreign;
    }
    let message = message(error);
    if error.line() == 0 {
        return message;
    }
    let offset = Place { line: error.line(), column: error.column() }.offset(payload);
    match half_of_a_pair(payload, offset, &message) {
        Some((half, at)) => {
            let place = Place::of(payload, at);
            format!("`{half}` at {place} is half of a surrogate pair; the other half is missing")
        }
        None => placed(&told(payload, offset, &message), Place::of(payload, offset)),
    }
}

/// Inserts the place into a text: after the mistake, and before the help that follows `; `.
fn placed(told: &str, place: Place) -> String {
    match told.split_once("; ") {
        Some((mistake, help)) => format!("{mistake} at {place}; {help}"),
        None => format!("{told} at {place}"),
    }
}

/// The parser's message without its place.
fn message(error: &Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).map(str::to_owned).unwrap_or(text)
}

/// Translates the parser's message. The text of the message is compared, because `serde_json` has
/// no public error codes.
fn told(text: &[u8], offset: usize, message: &str) -> String {
    let told = match message {
        "EOF while parsing an object" => "the JSON ends within an object",
        "EOF while parsing a list" => "the JSON ends within an array",
        "EOF while parsing a string" => "the JSON ends within a text",
        "EOF while parsing a value" => "the JSON ends where a value should be",
        "expected `:`" => "a colon is missing behind a member's name",
        "expected `,` or `]`" => word::no_comma(text, offset, "a comma or `]` is missing"),
        "expected `,` or `}`" => word::no_comma(text, offset, "a comma or `}` is missing"),
        "trailing comma" => "a comma too many before a closing bracket",
        "key must be a string" => word::no_name(text, offset),
        "expected value" | "expected ident" => word::no_value(text, offset),
        "invalid number" => word::no_number(text, offset),
        "number out of range" => "a number too large",
        "invalid escape" => "an unknown escape; a backslash is written `\\\\`",
        "recursion limit exceeded" => "nested too deep",
        "trailing characters" => behind(text, offset),
        _ if message.starts_with("control character") => return control(text, offset),
        other => return other.to_owned(),
    };
    told.to_owned()
}

/// Says what follows the end of the document.
fn behind(text: &[u8], offset: usize) -> &'static str {
    match text.get(offset) {
        Some(b'{' | b'[') => "a second document behind the first; send each on its own",
        Some(b'}' | b']') => "a closing bracket too many",
        Some(b'/' | b'#') => "a comment behind the document",
        _ => "further characters behind the end of the document",
    }
}

fn control(text: &[u8], offset: usize) -> String {
    match text.get(offset) {
        Some(b'\n') => "a line break within a text; write `\\n`, or close the text".to_owned(),
        Some(b'\r') => "a carriage return within a text; write `\\r`".to_owned(),
        Some(b'\t') => "a tab within a text; write `\\t`".to_owned(),
        Some(byte) => format!("a control character within a text; write `\\u{byte:04x}`"),
        None => "a control character within a text".to_owned(),
    }
}

/// The last half of a surrogate pair before `offset`, and its offset.
fn half_of_a_pair(text: &[u8], offset: usize, message: &str) -> Option<(String, usize)> {
    if !matches!(message, "lone leading surrogate in hex escape" | "unexpected end of hex escape") {
        return None;
    }
    let end = (offset + 1).min(text.len());
    let begin = end.saturating_sub(2 * ESCAPE + 1);
    let near = text[begin..end].windows(ESCAPE).enumerate();
    let mut halves = near.filter(|(_, bytes)| is_half(bytes));
    let (at, half) = halves.next_back()?;
    Some((String::from_utf8_lossy(half).into_owned(), begin + at))
}

/// Whether six bytes are an escape from `\ud800` to `\udfff`.
fn is_half(escape: &[u8]) -> bool {
    let is_second = |byte: &u8| matches!(byte, b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F');
    match escape {
        [b'\\', b'u', b'd' | b'D', second, rest @ ..] => {
            is_second(second) && rest.iter().all(u8::is_ascii_hexdigit)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn told(text: &str) -> String {
        let error = serde_json::from_str::<Value>(text).unwrap_err();
        cause(text.as_bytes(), &error)
    }

    #[test]
    fn each_mistake_is_told_by_its_cause_and_its_place() {
        for (text, expected) in [
            (
                r#"{"a":"\ud83d"}"#,
                r"`\ud83d` at line 1 column 7 is half of a surrogate pair; the other half is missing",
            ),
            (
                r#"{"a":"xy\uDE00z"}"#,
                r"`\uDE00` at line 1 column 9 is half of a surrogate pair; the other half is missing",
            ),
            (
                r#"{"a":"\ud83d\u0041"}"#,
                r"`\ud83d` at line 1 column 7 is half of a surrogate pair; the other half is missing",
            ),
            (
                r#"{"a":"\ud83dx"}"#,
                r"`\ud83d` at line 1 column 7 is half of a surrogate pair; the other half is missing",
            ),
            ("{\"a\":1,\n}", "a comma too many before a closing bracket at line 2 column 1"),
            ("{\"a\":[1,]}", "a comma too many before a closing bracket at line 1 column 9"),
            ("{'a':1}", "a single quote at line 1 column 2; JSON has double quotes"),
            ("{\"a\":'x'}", "a single quote at line 1 column 6; JSON has double quotes"),
            ("{a:1}", "a member's name without double quotes at line 1 column 2"),
            (
                "{\"a\":NaN}",
                "`NaN` at line 1 column 6; JSON has no such value: send null or a text",
            ),
            (
                "{\"a\":nan}",
                "`NaN` at line 1 column 7; JSON has no such value: send null or a text",
            ),
            (
                "{\"a\":-Infinity}",
                "`Infinity` at line 1 column 7; JSON has no such value: send null or a text",
            ),
            ("{\"a\":None}", "`None` at line 1 column 6; JSON writes `null`"),
            ("{\"a\":True}", "`True` at line 1 column 6; JSON writes `true`"),
            ("{\"a\":undefined}", "`undefined` at line 1 column 6; JSON writes `null`"),
            (
                "{\"a\":\"b\nc\"}",
                "a line break within a text at line 1 column 8; write `\\n`, or close the text",
            ),
            ("{\"a\":\"b\tc\"}", "a tab within a text at line 1 column 8; write `\\t`"),
            (
                "{\"a\":\"\u{1}\"}",
                "a control character within a text at line 1 column 7; write `\\u0001`",
            ),
            (
                "{\"a\":\"\\x\"}",
                "an unknown escape at line 1 column 8; a backslash is written `\\\\`",
            ),
            ("{\"a\":01}", "a number with a leading zero at line 1 column 7"),
            ("{\"a\":+1}", "a number with a plus sign at line 1 column 6"),
            ("{\"a\":.5}", "a number without a digit before its point at line 1 column 6"),
            ("{\"a\":1.}", "a malformed number at line 1 column 8"),
            ("{\"a\":}", "a value is missing at line 1 column 6"),
            ("{\"a\" 1}", "a colon is missing behind a member's name at line 1 column 6"),
            ("{\"a\":1 \"b\":2}", "a comma or `}` is missing at line 1 column 8"),
            ("{\"a\":1 // b\n}", "a comment at line 1 column 8; JSON has no comments"),
            ("// a\n{}", "a comment at line 1 column 1; JSON has no comments"),
            ("{\"a\":x}", "a word without double quotes at line 1 column 6"),
            ("{\"a\":", "the JSON ends where a value should be at line 1 column 5"),
            ("{\"a\":\"b", "the JSON ends within a text at line 1 column 7"),
            ("{\"a\":[1", "the JSON ends within an array at line 1 column 7"),
            ("{\"a\":1", "the JSON ends within an object at line 1 column 6"),
            (
                "{}\n{}",
                "a second document behind the first at line 2 column 1; send each on its own",
            ),
            ("{}}", "a closing bracket too many at line 1 column 3"),
            ("{} x", "further characters behind the end of the document at line 1 column 4"),
        ] {
            assert_eq!(told(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_json_at_all_is_named() {
        for (text, expected) in [
            ("", "empty"),
            (" \n", "nothing but white space"),
            ("<!DOCTYPE html><p>", "HTML, not JSON"),
            ("\n<?xml version=\"1.0\"?>", "XML, not JSON"),
            ("\u{feff}{}", "UTF-8 with a byte order mark; send it without the mark"),
            ("{\0\"\0", "UTF-16; send UTF-8"),
        ] {
            assert_eq!(told(text), expected, "{text:?}");
        }
        assert_eq!(foreign(b"\x1f\x8b\x08\0").as_deref(), Some("gzip; send it unpacked"));
    }

    #[test]
    fn no_other_text_of_the_payload_is_quoted() {
        for text in ["{\"a\": canary}", "{canary: 1}", "{\"a\":\"canary", "{\"canary\" 1}"] {
            assert!(!told(text).contains("canary"), "{text}");
        }
    }
}

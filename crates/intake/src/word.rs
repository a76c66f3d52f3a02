//! Explains words and characters that other languages allow but JSON does not.

/// Says what is wrong with the word or character at `offset`, where a value should begin.
pub(crate) fn no_value(text: &[u8], offset: usize) -> &'static str {
    if let Some(told) = known(text, offset) {
        return told;
    }
    match text.get(offset) {
        Some(b'\'') => SINGLE_QUOTE,
        Some(b'/' | b'#') => COMMENT,
        Some(b',' | b'}' | b']' | b':') => "a value is missing",
        Some(b'+') => "a number with a plus sign",
        Some(b'.') => "a number without a digit before its point",
        Some(byte) if byte.is_ascii_alphabetic() => "a word without double quotes",
        _ => "a character that begins no JSON value",
    }
}

/// Says what is wrong with the character at `offset`, where the name of a member should begin.
pub(crate) fn no_name(text: &[u8], offset: usize) -> &'static str {
    match text.get(offset) {
        Some(b'\'') => SINGLE_QUOTE,
        Some(b'/' | b'#') => COMMENT,
        Some(b',') => "a comma too many",
        _ => "a member's name without double quotes",
    }
}

/// Says what is wrong with the character at `offset`, where a comma or a closing bracket should be.
pub(crate) fn no_comma(text: &[u8], offset: usize, otherwise: &'static str) -> &'static str {
    match text.get(offset) {
        Some(b'/' | b'#') => COMMENT,
        _ => otherwise,
    }
}

/// Says what is wrong with the number at `offset`.
pub(crate) fn no_number(text: &[u8], offset: usize) -> &'static str {
    let before = offset.checked_sub(1).and_then(|at| text.get(at));
    match (before, text.get(offset)) {
        (Some(b'0'), Some(b'0'..=b'9')) => "a number with a leading zero",
        _ => known(text, offset).unwrap_or("a malformed number"),
    }
}

const SINGLE_QUOTE: &str = "a single quote; JSON has double quotes";
const COMMENT: &str = "a comment; JSON has no comments";

/// Recognises values of other languages, such as `None` or `True`.
fn known(text: &[u8], offset: usize) -> Option<&'static str> {
    Some(match word(text, offset) {
        b"NaN" | b"nan" => "`NaN`; JSON has no such value: send null or a text",
        b"Infinity" | b"inf" | b"Inf" => "`Infinity`; JSON has no such value: send null or a text",
        b"None" => "`None`; JSON writes `null`",
        b"undefined" => "`undefined`; JSON writes `null`",
        b"nil" => "`nil`; JSON writes `null`",
        b"NULL" | b"Null" => "`NULL`; JSON writes `null`",
        b"True" | b"TRUE" => "`True`; JSON writes `true`",
        b"False" | b"FALSE" => "`False`; JSON writes `false`",
        _ => return None,
    })
}

/// The letters around `offset`.
fn word(text: &[u8], offset: usize) -> &[u8] {
    let (before, after) = text.split_at(offset.min(text.len()));
    let is_letter = u8::is_ascii_alphabetic;
    let begin = before.iter().rposition(|byte| !is_letter(byte)).map_or(0, |at| at + 1);
    let length = after.iter().position(|byte| !is_letter(byte)).unwrap_or(after.len());
    &text[begin..offset.min(text.len()) + length]
}

//! Writes values and comments of a configuration safely, whatever they contain.

use std::fmt::Write as _;

/// The column in which comments begin.
const COMMENTS: usize = 35;
/// The most characters of a member name in a comment.
const SHOWN: usize = 100;

/// A basic string of TOML, escaped so that no `${NAME}` in it is replaced.
pub fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.replace("${", "$${").chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_plain(c) => quoted.push(c),
            c => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// A key, without quotes if possible.
pub fn key(name: &str) -> String {
    let is_bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_bare { name.to_owned() } else { string(name) }
}

/// A line of TOML, followed by a comment if `comment` is not empty.
pub fn line(text: &str, comment: &str) -> String {
    match comment.is_empty() {
        true => format!("{text}\n"),
        false => format!("{text:<width$}# {comment}\n", width = COMMENTS.max(text.len() + 1)),
    }
}

/// Makes a text safe for a comment of TOML or SQL: the text cannot end the line.
pub fn comment(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(SHOWN) {
        match is_plain(c) {
            true => shown.push(c),
            false => shown.extend(c.escape_unicode()),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character may be written as it is: it is neither a control character nor one that
/// changes how others are read.
fn is_plain(c: char) -> bool {
    c == '"' || c == '\'' || c == '\\' || c.escape_debug().len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_read_back_as_it_was() {
        for text in ["", "a\"b\\c", "line\nbreak\u{7f}", "\u{202e}x\u{301}", "${A:?} $${B}", "имя"]
        {
            let document: ::toml::Table = format!("a = {}", string(text)).parse().unwrap();
            let read = document["a"].as_str().unwrap();
            assert_eq!(read, text.replace("${", "$${"), "{text:?}");
        }
    }

    #[test]
    fn a_comment_never_ends_its_line() {
        let shown = comment("a\nb\r\u{2028}\u{85}\"c\"");
        assert!(!shown.contains(char::is_control), "{shown:?}");
        assert!(shown.ends_with("\"c\""), "{shown:?}");
    }
}

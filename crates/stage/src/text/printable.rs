//! Escapes invisible characters, so that foreign text is safe to print to a terminal or a log.

use std::ops::RangeInclusive;

/// Invisible characters: the format characters (Unicode category Cf), which may reverse the
/// direction of text, and the separators of lines and paragraphs.
const UNSEEN: [RangeInclusive<char>; 20] = [
    '\u{ad}'..='\u{ad}',
    '\u{600}'..='\u{605}',
    '\u{61c}'..='\u{61c}',
    '\u{6dd}'..='\u{6dd}',
    '\u{70f}'..='\u{70f}',
    '\u{890}'..='\u{891}',
    '\u{8e2}'..='\u{8e2}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{110bd}'..='\u{110bd}',
    '\u{110cd}'..='\u{110cd}',
    '\u{13430}'..='\u{1343f}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0001}'..='\u{e0001}',
    '\u{e0020}'..='\u{e007f}',
];

/// Whether a character is visible. A control character, a line break or a character that reverses
/// text is not.
#[must_use]
pub fn is_printable(c: char) -> bool {
    !c.is_control() && (c.is_ascii() || !UNSEEN.iter().any(|range| range.contains(&c)))
}

/// The text with every invisible character escaped: `
/// `, `\u{1b}`, `\u{202e}`.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_printable(c) {
            true => shown.push(c),
            false => shown.extend(c.escape_default()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_turns_a_text_is_escaped_and_all_else_is_kept() {
        for kept in ["order 30", "тест \"x\" \\ ✓", "日本 🙂 é"] {
            assert_eq!(printable(kept), kept);
        }
        assert_eq!(printable("a\x1b[2J\n\t\u{9b}"), "a\\u{1b}[2J\\n\\t\\u{9b}");
        assert_eq!(
            printable("\u{202e}\u{2028}\u{2066}\u{200b}"),
            "\\u{202e}\\u{2028}\\u{2066}\\u{200b}"
        );
        assert_eq!(printable("\u{feff}\u{e0041}\u{7f}"), "\\u{feff}\\u{e0041}\\u{7f}");
    }
}

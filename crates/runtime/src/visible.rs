//! Log lines that make hidden characters visible, so that no text from outside can steer the
//! terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use l0_stage::text::is_printable;

use crate::cli::LogFormat;
use crate::program::spoken;
use crate::progress::AboveBars;

/// Writes each event's text with hidden characters escaped. Lines after a line break within an
/// event are indented. So a line that starts at the margin always starts an event.
#[derive(Debug, Clone, Copy)]
pub struct Visible {
    pub format: LogFormat,
    /// Keeps the escape sequences of the log's colours. The formatter escapes such sequences in the
    /// texts of events.
    pub colored: bool,
}

impl Write for Visible {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        AboveBars.write_all(self.shown(&spoken(&text)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        AboveBars.flush()
    }
}

impl Visible {
    fn shown<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        if line.chars().all(|c| self.is_kept(c)) {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len() + 16);
        for c in line.chars() {
            match c {
                c if self.is_kept(c) => shown.push(c),
                '\n' => shown.push_str("\n    "),
                c => self.escape(c, &mut shown),
            }
        }
        shown.push_str(&text[line.len()..]);
        Cow::Owned(shown)
    }

    fn is_kept(&self, c: char) -> bool {
        is_printable(c) || c == '\t' || (c == '\x1b' && self.colored)
    }

    fn escape(&self, c: char, shown: &mut String) {
        match self.format {
            LogFormat::Text => shown.extend(c.escape_default()),
            LogFormat::Json => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a text cannot fail.
                    let _ = write!(shown, "\\u{unit:04x}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_shown_as_it_is_but_for_what_is_not_seen() {
        let text = Visible { format: LogFormat::Text, colored: false };
        assert_eq!(text.shown("INFO тест\n"), "INFO тест\n");
        assert_eq!(
            text.shown("a \u{202e}b\u{1b}[2J\nERROR forged\n"),
            "a \\u{202e}b\\u{1b}[2J\n    ERROR forged\n"
        );
        let colored = Visible { colored: true, ..text };
        assert_eq!(colored.shown("\x1b[32mINFO\x1b[0m\n"), "\x1b[32mINFO\x1b[0m\n");
        let json = Visible { format: LogFormat::Json, ..text };
        let line = json.shown("{\"uri\":\"\u{202e}\u{e0041}\"}\n").into_owned();
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(line.is_ascii() && event["uri"] == "\u{202e}\u{e0041}", "{line}");
    }
}

//! The text of `pipeline.toml`, from which diagnostics quote lines.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use super::secrets::{holds_credentials, resembles_secret};
use crate::report::diagnostic::Excerpt;
use crate::{Code, Diagnostic};

/// The text of the configuration file, and the numbers of its lines that must not be shown.
pub(crate) struct SourceText {
    /// The name of the file as the user wrote it.
    pub name: String,
    pub text: String,
    hidden: BTreeSet<usize>,
}

impl SourceText {
    pub fn new(path: &Path, text: String) -> Self {
        Self { name: path.display().to_string(), text, hidden: BTreeSet::new() }
    }

    pub fn read(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let name = path.display().to_string();
        let next = "run with -c FILE, or create it";
        let refuse = |why: String, help: &str| {
            let diagnostic = Diagnostic::error(Code::UnreadableFile, format!("`{name}` {why}"));
            Box::new(diagnostic.in_file(&name).help(help))
        };
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => refuse("does not exist".into(), next),
            ErrorKind::IsADirectory => {
                refuse("is a directory".into(), "name the file in it: run with -c FILE")
            }
            ErrorKind::PermissionDenied => {
                refuse("cannot be read: permission denied".into(), "give this user read access")
            }
            _ => refuse(format!("cannot be read: {error}"), next),
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
            refuse(format!("is not UTF-8: see line {line}"), "save it as UTF-8")
        })?;
        Ok(Self::new(path, text))
    }

    /// Marks the lines of a span, so that no diagnostic shows them.
    pub fn hide(&mut self, span: &Range<usize>) {
        let lines = self.line_of(span.start)..=self.line_of(span.end);
        self.hidden.extend(lines);
    }

    /// Hides the lines that may hold a secret, in a file that is not TOML. The end of a value
    /// cannot be known in such a file, so this hides too many lines rather than too few.
    pub fn hide_suspicious_lines(&mut self, names: &BTreeSet<String>) {
        let (mut tainted, mut open) = (false, false);
        for (at, line) in self.text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
            let is_secret = |word: &str| names.contains(word) || resembles_secret(word);
            let secret = words.into_iter().any(is_secret) || holds_credentials(line);
            tainted = secret || (tainted && !starts_statement(line));
            open |= secret && leaves_open(line);
            if tainted || open {
                self.hidden.insert(at + 1);
            }
        }
    }

    /// Points a diagnostic at a span of the text. `label` is written at the caret.
    pub fn point(&self, diagnostic: Diagnostic, span: &Range<usize>, label: &str) -> Diagnostic {
        let start = self.within(span.start);
        let line = self.line_of(start);
        let begin = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let text = self.text[begin..].lines().next().unwrap_or_default();
        let column = self.text[begin..start].chars().count() + 1;
        let mut diagnostic = diagnostic.at_line(&self.name, line, column);
        if self.hidden.contains(&line) {
            diagnostic = diagnostic.note("the line is hidden because it may hold a secret");
        } else {
            let from = (start - begin).min(text.len());
            let to = span.end.saturating_sub(begin).clamp(from, text.len());
            let label = String::new();
            diagnostic.excerpt = Some(Excerpt { text: text.to_owned(), span: from..to, label });
        }
        if label.is_empty() { diagnostic } else { diagnostic.label(label) }
    }

    /// Moves an offset at the end of the file into the last line, and any other offset to the start
    /// of its character.
    fn within(&self, offset: usize) -> usize {
        let last = self.text.trim_end_matches(['\n', '\r']).len();
        let offset = if offset >= self.text.len() { last } else { offset };
        (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }

    pub fn line_at(&self, offset: usize) -> &str {
        let begin = self.text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[begin..].lines().next().unwrap_or_default()
    }

    pub fn line_of(&self, offset: usize) -> usize {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

fn starts_statement(line: &str) -> bool {
    let line = line.trim_start();
    let key = line.split('=').next().unwrap_or_default().trim_end();
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    line.starts_with('[') || (line.contains('=') && !key.is_empty() && key.chars().all(bare))
}

/// Whether a value that begins on this line may continue on the next line.
fn leaves_open(line: &str) -> bool {
    let count = |text: &str| line.matches(text).count();
    let odd = |quotes: &str| count(quotes) % 2 == 1;
    odd("\"\"\"") || odd("'''") || count("[") > count("]") || count("{") > count("}")
}

//! One mistake and its place, as texts without secrets.

use std::ops::Range;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::Code;

/// Whether a diagnostic is an error or a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The command cannot go on.
    Error,
    /// The command goes on, but the user should look at the warning.
    Warning,
}

/// One mistake, and its place in the configuration.
///
/// Secrets were removed from all its texts, so every field may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code of the kind of mistake.
    pub code: Code,
    /// Whether the mistake is an error or a warning.
    pub severity: Severity,
    /// What is wrong. The message names the faulty thing and begins in lower case.
    pub message: String,
    /// The file that has the mistake, as the user wrote its name. `None` if the mistake is only on
    /// the command line or in the environment.
    pub file: Option<String>,
    /// The line in the file, counted from 1.
    pub line: Option<usize>,
    /// The column in characters, counted from 1.
    pub column: Option<usize>,
    /// Details, for example where a value came from.
    pub notes: Vec<String>,
    /// What the user should do about the mistake.
    pub help: Option<String>,
    pub(crate) excerpt: Option<Excerpt>,
}

/// The line of the file that a diagnostic shows. A diagnostic about a line with a secret has no
/// excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub text: String,
    pub span: Range<usize>,
    pub label: String,
}

impl Diagnostic {
    /// The diagnostic without its place, for a mistake that no line of the configuration causes.
    #[must_use]
    pub fn without_line(self) -> Self {
        Self { file: None, line: None, column: None, excerpt: None, ..self }
    }

    pub(crate) fn error(code: Code, message: impl AsRef<str>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: printable(message.as_ref()),
            file: None,
            line: None,
            column: None,
            notes: Vec::new(),
            help: None,
            excerpt: None,
        }
    }

    /// The text of the line that the diagnostic points at. `None` if that line holds a secret.
    #[must_use]
    pub fn shown_line(&self) -> Option<&str> {
        self.excerpt.as_ref().map(|excerpt| excerpt.text.trim())
    }

    /// The same diagnostic as a warning instead of an error.
    #[must_use]
    pub fn into_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    pub(crate) fn in_file(mut self, file: &str) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    pub(crate) fn at_line(mut self, file: &str, line: usize, column: usize) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self.in_file(file)
    }

    pub(crate) fn note(mut self, note: impl AsRef<str>) -> Self {
        self.notes.push(printable(note.as_ref()));
        self
    }

    pub(crate) fn help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(printable(help.as_ref()));
        self
    }

    pub(crate) fn maybe_help(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Sets the text at the caret. If no line is shown, the text becomes the first note.
    pub(crate) fn label(mut self, label: impl AsRef<str>) -> Self {
        let label = printable(label.as_ref());
        match &mut self.excerpt {
            Some(excerpt) => excerpt.label = label,
            None => self.notes.insert(0, label),
        }
        self
    }
}

/// Writes an object `{severity, code, message, file, line, column, notes, help}`. The text at the
/// caret is the first note.
impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let label = self.excerpt.as_ref().map(|excerpt| &excerpt.label);
        let label = label.filter(|label| !label.is_empty());
        let notes: Vec<_> = label.into_iter().chain(&self.notes).collect();
        let mut finding = serializer.serialize_struct("Diagnostic", 8)?;
        finding.serialize_field("severity", &self.severity)?;
        finding.serialize_field("code", self.code.as_str())?;
        finding.serialize_field("message", &self.message)?;
        finding.serialize_field("file", &self.file)?;
        finding.serialize_field("line", &self.line)?;
        finding.serialize_field("column", &self.column)?;
        finding.serialize_field("notes", &notes)?;
        finding.serialize_field("help", &self.help)?;
        finding.end()
    }
}

/// Replaces control characters by spaces and escapes other invisible ones, so that a text cannot
/// move the cursor of a terminal.
pub(crate) fn printable(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    l0_stage::text::printable(&spaced)
}

//! One mistake and its place, made of texts without secrets.

use std::ops::Range;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::Code;

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The command cannot go on.
    Error,
    /// The command goes on, but a person should look.
    Warning,
}

/// One thing that is wrong, and where.
///
/// It is made of texts from which secrets were removed already, so every field may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The class of the mistake.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, lowercase, naming the thing.
    pub message: String,
    /// The file it was found in, as the user names it. `None` if it came only from the command line
    /// or the environment.
    pub file: Option<String>,
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// Details: what stands at the caret, where a value came from.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    pub(crate) excerpt: Option<Excerpt>,
}

/// The line of the file that a diagnostic shows. A line that holds a secret has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub text: String,
    pub span: Range<usize>,
    pub label: String,
}

impl Diagnostic {
    /// The diagnostic without its place, if no line of the configuration is to blame.
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

    /// The line of the file that the diagnostic points at; `None` if that line holds a secret.
    #[must_use]
    pub fn shown_line(&self) -> Option<&str> {
        self.excerpt.as_ref().map(|excerpt| excerpt.text.trim())
    }

    /// The diagnostic as a warning.
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

    /// Sets the text at the caret. It becomes a note if no line is shown.
    pub(crate) fn label(mut self, label: impl AsRef<str>) -> Self {
        let label = printable(label.as_ref());
        match &mut self.excerpt {
            Some(excerpt) => excerpt.label = label,
            None => self.notes.insert(0, label),
        }
        self
    }
}

/// `{severity, code, message, file, line, column, notes, help}`
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

/// Makes a text safe: it cannot move the cursor of a terminal or start a new line.
pub(crate) fn printable(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    l0_stage::text::printable(&spaced)
}

use std::fmt;
use std::ops::Range;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{Code, render};

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The command cannot go on.
    Error,
    /// It can, but somebody should look.
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
    /// The file it was found in, as the user names it; `None` when it came from the command line
    /// or the environment alone.
    pub file: Option<String>,
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// Details: what stands at the caret, where a value came from.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    pub(super) excerpt: Option<Excerpt>,
}

/// The line of the file that a diagnostic shows. Lines that hold a secret have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub text: String,
    pub span: Range<usize>,
    pub label: String,
}

impl Diagnostic {
    /// The same, where no line of the configuration is to blame.
    #[must_use]
    pub fn without_line(self) -> Self {
        Self { file: None, line: None, column: None, excerpt: None, ..self }
    }

    pub(super) fn error(code: Code, message: impl AsRef<str>) -> Self {
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

    /// The line of the file that it points at; `None` for a line that holds a secret.
    #[must_use]
    pub fn shown_line(&self) -> Option<&str> {
        self.excerpt.as_ref().map(|excerpt| excerpt.text.trim())
    }

    /// The same as a warning.
    #[must_use]
    pub fn into_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    pub(super) fn in_file(mut self, file: &str) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    pub(super) fn at_line(mut self, file: &str, line: usize, column: usize) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self.in_file(file)
    }

    pub(super) fn note(mut self, note: impl AsRef<str>) -> Self {
        self.notes.push(printable(note.as_ref()));
        self
    }

    pub(super) fn help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(printable(help.as_ref()));
        self
    }

    pub(super) fn maybe_help(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// What stands at the caret; a note where no line is shown.
    pub(super) fn label(mut self, label: impl AsRef<str>) -> Self {
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

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render::render(self, false))
    }
}

/// A text that cannot move the cursor of a terminal or start a line of its own.
pub(super) fn printable(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    l0_stage::text::printable(&spaced)
}

/// Everything that is wrong with a configuration, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Adds a diagnostic at its place in the order of the file.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let order = |d: &Diagnostic| (d.file.clone(), d.line, d.column);
        let new = order(&diagnostic);
        let at = self.diagnostics.partition_point(|known| order(known) <= new);
        self.diagnostics.insert(at, diagnostic);
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether there is anything worse than a warning.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The diagnostics, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// All diagnostics as cargo would show them, with a blank line between two.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let texts = self.iter().map(|diagnostic| render::render(diagnostic, color) + "\n");
        texts.collect::<Vec<_>>().join("\n")
    }
}

impl Extend<Diagnostic> for Report {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }
}

impl IntoIterator for Report {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.diagnostics.into_iter()
    }
}

impl From<Diagnostic> for Report {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}

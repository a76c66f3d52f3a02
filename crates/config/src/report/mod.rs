//! Reports of mistakes: their codes, their places in the file, and their rendering.

pub(crate) mod code;
pub(crate) mod describe;
pub(crate) mod diagnostic;
mod render;
pub(crate) mod suggest;

use std::fmt;

use diagnostic::{Diagnostic, Severity};

/// Everything that is wrong with a configuration, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Inserts a diagnostic in the order of the file.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let order = |d: &Diagnostic| (d.file.clone(), d.line, d.column);
        let new = order(&diagnostic);
        let at = self.diagnostics.partition_point(|known| order(known) <= new);
        self.diagnostics.insert(at, diagnostic);
    }

    /// Whether the report has neither errors nor warnings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether the report has an error. Warnings do not count.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The diagnostics, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// All diagnostics in the style of cargo's messages, with a blank line between two of them.
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

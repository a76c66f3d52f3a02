//! What was found wrong: codes, diagnostics at their places, and how they are shown.

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
    /// Adds a diagnostic at its place in the order of the file.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let order = |d: &Diagnostic| (d.file.clone(), d.line, d.column);
        let new = order(&diagnostic);
        let at = self.diagnostics.partition_point(|known| order(known) <= new);
        self.diagnostics.insert(at, diagnostic);
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether anything is worse than a warning.
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

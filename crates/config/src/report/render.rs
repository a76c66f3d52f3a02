//! Renders a diagnostic in the style of cargo's messages: line, caret, notes, help.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Excerpt, Severity};

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render(self, false))
    }
}

/// One diagnostic in the style of cargo's messages.
pub(crate) fn render(diagnostic: &Diagnostic, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.render(&[finding(diagnostic)]);
    if let Some(help) = &diagnostic.help {
        // The help is rendered as a separate group. In one group with the message, a line with only
        // `|` would precede the help.
        let help = Group::with_title(Level::HELP.secondary_title(help.as_str()));
        text.push('\n');
        text.push_str(&renderer.render(&[help]));
    }
    text
}

fn finding(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    match (&diagnostic.excerpt, &diagnostic.file) {
        (Some(excerpt), Some(file)) => {
            group = group.element(snippet(excerpt, file, diagnostic.line.unwrap_or(1)));
        }
        (None, Some(file)) => group = group.element(origin(diagnostic, file)),
        (_, None) => {}
    }
    group.elements(diagnostic.notes.iter().map(|note| Level::NOTE.message(note.as_str())))
}

fn snippet<'a>(
    excerpt: &'a Excerpt,
    file: &'a str,
    line: usize,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let mut caret = AnnotationKind::Primary.span(excerpt.span.clone());
    if !excerpt.label.is_empty() {
        caret = caret.label(excerpt.label.as_str());
    }
    Snippet::source(excerpt.text.as_str()).line_start(line).path(file).annotation(caret)
}

fn origin<'a>(diagnostic: &Diagnostic, file: &'a str) -> Origin<'a> {
    let origin = Origin::path(file);
    match (diagnostic.line, diagnostic.column) {
        (Some(line), Some(column)) => origin.line(line).char_column(column),
        _ => origin,
    }
}

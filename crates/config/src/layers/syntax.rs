//! Turns errors of the TOML parser into diagnostics with clearer messages.

use std::collections::BTreeSet;
use std::ops::Range;

use super::source_text::SourceText;
use crate::{Code, Diagnostic};

/// The parser's errors as diagnostics. `values` are the spans of everything that the parser read as
/// a value.
pub(crate) fn describe<'v>(
    source: &SourceText,
    errors: &[toml::de::Error],
    values: impl Iterator<Item = &'v Range<usize>>,
) -> Vec<Diagnostic> {
    let values: Vec<_> = values.collect();
    let open = unclosed(source, errors, &values);
    let mut told: Vec<_> = open.map(|start| bracket(source, start)).into_iter().collect();
    let mut doubled = BTreeSet::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        // After an unclosed bracket the parser reads everything as part of the list, so its later
        // errors mean nothing.
        if open.is_some_and(|start| span.start >= start) {
            continue;
        }
        let header = header_before(source, span.start);
        match source.text.get(span.clone()) {
            Some(name) if error.message() == "duplicate key" => {
                let is_header = source.line_at(span.start).trim_start().starts_with('[');
                if is_header || !doubled.contains(&header) {
                    told.push(twice(source, &span, name, is_header));
                }
                if is_header {
                    doubled.insert(source.line_of(span.start));
                }
            }
            _ => told.push(other(source, &span, error.message())),
        }
    }
    told
}

/// The offset of an unclosed list or inline table. It is the last `[` or `{` of a value before the
/// first text that cannot belong to a list or table.
fn unclosed(
    source: &SourceText,
    errors: &[toml::de::Error],
    values: &[&Range<usize>],
) -> Option<usize> {
    errors.iter().find(|error| error.message().starts_with("unclosed"))?;
    let in_brackets = |error: &&toml::de::Error| {
        let message = error.message();
        message.contains("array") || message.contains("inline table")
    };
    let at = errors.iter().find(in_brackets)?.span()?.start;
    let opens = |start: &usize| {
        let is_header = source.line_at(*start).trim_start().starts_with('[');
        *start < at && !is_header && source.text[*start..].starts_with(['[', '{'])
    };
    values.iter().map(|value| value.start).filter(opens).max()
}

fn bracket(source: &SourceText, start: usize) -> Diagnostic {
    let (open, close) = match source.text[start..].starts_with('{') {
        true => ('{', '}'),
        false => ('[', ']'),
    };
    let diagnostic = error(format!("`{open}` is not closed")).help(format!("add `{close}`"));
    source.point(diagnostic, &(start..start + 1), "begins here")
}

fn twice(source: &SourceText, span: &Range<usize>, name: &str, is_header: bool) -> Diagnostic {
    let (what, help) = match is_header {
        true => (format!("section `{name}` appears twice"), "write its keys below one header"),
        false => (format!("duplicate key `{name}`"), "keep one of the two lines"),
    };
    source.point(error(what).help(help), span, "is already defined above")
}

fn other(source: &SourceText, span: &Range<usize>, message: &str) -> Diagnostic {
    let (what, expected) = message.split_once(", ").unwrap_or((message, ""));
    let quote = expected.contains('"') || expected.contains('\'');
    let (what, label, help) = match what {
        "invalid basic string" | "invalid literal string" if quote => (
            "a quote is not closed",
            expected,
            Some("close the quote, or write a text of several lines in `\"\"\"`"),
        ),
        "string values must be quoted" | "invalid boolean" => (
            "not a value",
            "expected a text in quotes, a number, `true` or `false`",
            Some("a text is written in quotes"),
        ),
        what => (what, expected, None),
    };
    let diagnostic = error(what.to_owned()).maybe_help(help.map(str::to_owned));
    source.point(diagnostic, span, label)
}

fn error(what: String) -> Diagnostic {
    Diagnostic::error(Code::InvalidToml, format!("invalid TOML: {what}"))
}

/// The line of the last header above an offset. 0 if no header stands above it.
fn header_before(source: &SourceText, at: usize) -> usize {
    let line = source.line_of(at);
    let lines = source.text.lines().take(line.saturating_sub(1)).enumerate();
    let headers = lines.filter(|(_, text)| text.trim_start().starts_with('['));
    headers.last().map_or(0, |(index, _)| index + 1)
}

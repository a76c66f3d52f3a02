//! Turns mistakes into diagnostics, and removes secrets from their texts.

use std::ops::Range;

use figment::value::Value;
use l0_stage::Finding;

use crate::layers::reference::{Otherwise, Trouble};
use crate::report::suggest;
use crate::section::path::{explained, heading, join, named, outwards, split};
use crate::section::problem::{Found, Kind, Problem, TOO_LARGE, one_of};
use crate::{Code, Config, Diagnostic};

/// The part of a key-value pair that the caret points at.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Key,
    Value,
    Entry,
}

impl Config {
    pub(crate) fn describe(&self, section: &str, problem: &Problem) -> Diagnostic {
        let path = problem.path.as_deref().unwrap_or(section);
        let value = self.merged.find_ref(path);
        let secret = self.holds_secret(path);
        let error = |message: String| Diagnostic::error(Code::InvalidValue, message);
        let (diagnostic, label) = match &problem.kind {
            Kind::Missing(name) => return self.describe_missing(path, name),
            Kind::Unknown { known } => return self.describe_unknown(path, known),
            Kind::Mismatch { found, expected } => {
                let diagnostic = error(format!("{} must be {expected}", named(path)))
                    .maybe_help(self.quoting_help(value, found, expected));
                let found = if secret { found.kind } else { &found.shown };
                (diagnostic, format!("found {found}"))
            }
            Kind::Choice { found, choices } => {
                let diagnostic = error(format!("{} must be {}", named(path), one_of(choices)));
                match secret {
                    true => (diagnostic, "found another text".to_owned()),
                    false => {
                        let help = suggest::help(found, choices);
                        (diagnostic.maybe_help(help), format!("found `{found}`"))
                    }
                }
            }
            Kind::Message(_) if secret => {
                (error(format!("invalid {}", named(path))), "the value is not accepted".to_owned())
            }
            Kind::Message(message) => (error(format!("invalid {}", named(path))), message.clone()),
        };
        self.point(diagnostic, path, Anchor::Value, &self.secrets.scrub(&label))
    }

    pub(crate) fn describe_unknown(&self, path: &str, known: &[&str]) -> Diagnostic {
        let message = format!("unknown field {}", named(path));
        let help = suggest::help(split(path).1, known);
        let diagnostic = Diagnostic::error(Code::UnknownField, message).maybe_help(help);
        self.point(diagnostic, path, Anchor::Key, "not a field of this section")
    }

    pub(crate) fn describe_troubles(
        &self,
        path: &str,
        troubles: &[Trouble<'_>],
    ) -> Vec<Diagnostic> {
        let entry = self.file.place(path).map_or(0..0, |place| place.value.clone());
        let mut from = entry.start;
        let describe = |trouble: &Trouble<'_>| {
            let span = self.find(trouble.source(), from..entry.end).unwrap_or(entry.clone());
            from = span.end;
            let (diagnostic, label) = self.describe_trouble(path, trouble);
            self.file.source.point(diagnostic, &span, &label)
        };
        troubles.iter().map(describe).collect()
    }

    /// Turns a stage's finding into a diagnostic. It points at the key, or at the nearest table
    /// around it if the file does not have the key.
    pub(crate) fn describe_finding(&self, section: &str, finding: &Finding) -> Diagnostic {
        let path = join(section, &finding.key);
        let clean = |text: &str| self.secrets.scrub(text);
        let diagnostic = Diagnostic::error(Code::UnfitForStage, clean(&finding.message))
            .help(finding.help.as_deref().map_or_else(|| see(section), clean));
        let place = outwards(&path).find(|outer| self.file.place(outer).is_some());
        let mut diagnostic = match place {
            Some(place) => self.point(diagnostic, place, Anchor::Entry, ""),
            None => diagnostic.in_file(&self.file.source.name),
        };
        if place != Some(&path) {
            let origins = self.origins(&path);
            diagnostic = origins.into_iter().fold(diagnostic, Diagnostic::note);
        }
        match diagnostic.excerpt {
            Some(_) if place == Some(&path) => diagnostic,
            _ => diagnostic.note(format!("the key is `{path}`")),
        }
    }

    /// Points a diagnostic at the entry of a path, and adds notes about where the value came from.
    /// If the file does not have the entry, only the notes are added.
    pub(crate) fn point(
        &self,
        diagnostic: Diagnostic,
        path: &str,
        anchor: Anchor,
        label: &str,
    ) -> Diagnostic {
        let diagnostic = match self.span(path, anchor) {
            Some(span) => self.file.source.point(diagnostic, &span, label),
            None => diagnostic.label(label),
        };
        self.origins(path).into_iter().fold(diagnostic, Diagnostic::note)
    }

    fn span(&self, path: &str, anchor: Anchor) -> Option<Range<usize>> {
        let place = self.file.place(path)?;
        let value = place.value.clone();
        Some(match (anchor, &place.key) {
            (Anchor::Key, Some(key)) => key.clone(),
            (Anchor::Entry, Some(key)) if key.start < value.start => key.start..value.end,
            _ => value,
        })
    }

    fn describe_missing(&self, table: &str, name: &str) -> Diagnostic {
        let heading = heading(table);
        let message = format!("missing `{name}` in {heading}");
        let diagnostic = Diagnostic::error(Code::MissingField, message);
        if self.file.place(table).is_some() {
            let label = format!("`{name}` has no default");
            let diagnostic = diagnostic.help(format!("add `{name} = ...`; {}", see(table)));
            return self.point(diagnostic, table, Anchor::Value, &label);
        }
        diagnostic
            .at_line(&self.file.source.name, 1, 1)
            .note(format!("`{name}` has no default, and the file has no {heading}"))
            .help(format!("write {heading}, and below it `{name} = ...`; {}", see(table)))
    }

    fn describe_trouble(&self, path: &str, trouble: &Trouble<'_>) -> (Diagnostic, String) {
        match trouble {
            Trouble::Missing { reference, empty } => {
                let what = if *empty { "is empty" } else { "is not set" };
                let message = format!("variable `{}` {what}", reference.name);
                let label = match reference.otherwise {
                    Otherwise::FailWith(why) if !why.is_empty() => why.to_owned(),
                    _ => format!("used by {}", named(path)),
                };
                let diagnostic =
                    Diagnostic::error(Code::MissingVariable, message).help(self.where_to_set());
                (diagnostic, label)
            }
            Trouble::Malformed { source, why } => {
                let message = match self.holds_secret(path) {
                    true => format!("malformed reference in {}", named(path)),
                    false => format!("malformed reference `{source}`"),
                };
                let diagnostic = Diagnostic::error(Code::MalformedReference, message).help(
                    "write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $${ for a plain ${",
                );
                (diagnostic, (*why).to_owned())
            }
        }
    }

    fn where_to_set(&self) -> &'static str {
        let there = |name: &str| self.base.join(name).is_file();
        match there(".env.example") && !there(".env") {
            true => "set it in the environment or in .env; `cp .env.example .env` creates one",
            false => "set it in the environment or in .env",
        }
    }

    fn find(&self, text: &str, within: Range<usize>) -> Option<Range<usize>> {
        let at = within.start + self.file.source.text.get(within)?.find(text)?;
        Some(at..at + text.len())
    }

    /// Whether the value at a path, or any value within it, is secret.
    pub(crate) fn holds_secret(&self, path: &str) -> bool {
        let mut secret = false;
        if let Some(value) = self.merged.find_ref(path) {
            self.each_value(path, value, &mut |path, value| secret |= self.is_secret(path, value));
        }
        secret
    }

    /// Help for the most common type mistakes: quotes around a number, or a text without quotes.
    fn quoting_help(&self, value: Option<&Value>, found: &Found, expected: &str) -> Option<String> {
        if expected == "a text" && matches!(found.kind, "a number" | "a boolean") {
            return Some("write it in quotes".to_owned());
        }
        if expected.starts_with("a text, a number") && found.kind == TOO_LARGE {
            return Some("write it in quotes".to_owned());
        }
        let literal = value.filter(|value| self.expansion(value).is_some_and(|e| !e.loose))?;
        let text = literal.as_str()?;
        let number = expected.contains("number") && text.parse::<f64>().is_ok();
        let boolean = expected.ends_with("`false`") && text.parse::<bool>().is_ok();
        (number || boolean).then(|| "write it without quotes".to_owned())
    }
}

/// The sentence that names the command which shows an example of the section.
fn see(path: &str) -> String {
    format!("`l0-runtime explain {}` shows an example", explained(path))
}

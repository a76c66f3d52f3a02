//! Parses and replaces the references in a string: `${VAR}`, `${VAR:-default}` and
//! `${VAR:?message}`. `$${` stands for a plain `${`.

use super::variable_name;
use super::variables::Variables;

/// One piece of a string that may contain references.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    Reference(Reference<'a>),
    Malformed { source: &'a str, why: &'static str },
}

/// A reference to a variable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    /// The source text of the reference, from `$` to `}`.
    pub source: &'a str,
    pub name: &'a str,
    pub otherwise: Otherwise<'a>,
}

/// What a reference demands if its variable has no value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Otherwise<'a> {
    /// `${VAR}`: it is an error if the variable is not set. It may be empty.
    Fail,
    /// `${VAR:-default}`: the default is used if the variable is unset or empty, as in a shell.
    Default(&'a str),
    /// `${VAR:?message}`: it is an error if the variable is unset or empty, as in a shell.
    FailWith(&'a str),
}

/// A string with its references replaced.
pub(crate) struct Expansion<'a> {
    pub text: String,
    /// Whether the string is exactly one reference. Then its text is read as the type of its field.
    pub loose: bool,
    /// The variables whose values were inserted.
    pub used: Vec<&'a str>,
    pub problems: Vec<Trouble<'a>>,
}

/// Why a reference cannot be replaced.
pub(crate) enum Trouble<'a> {
    Missing { reference: Reference<'a>, empty: bool },
    Malformed { source: &'a str, why: &'static str },
}

impl Trouble<'_> {
    pub fn source(&self) -> &str {
        match self {
            Self::Missing { reference, .. } => reference.source,
            Self::Malformed { source, .. } => source,
        }
    }
}

/// Replaces the references of a string. A value is inserted as it is, and references within the
/// value are not replaced.
pub(crate) fn expand<'a>(raw: &'a str, variables: &Variables) -> Expansion<'a> {
    let parts = parse(raw);
    let loose = matches!(parts.as_slice(), [Part::Reference(_)]);
    let mut expansion =
        Expansion { text: String::new(), loose, used: Vec::new(), problems: Vec::new() };
    for part in parts {
        match part {
            Part::Text(text) => expansion.text.push_str(text),
            Part::Reference(reference) => expansion.replace(reference, variables),
            Part::Malformed { source, why } => {
                expansion.problems.push(Trouble::Malformed { source, why });
            }
        }
    }
    expansion
}

impl<'a> Expansion<'a> {
    fn replace(&mut self, reference: Reference<'a>, variables: &Variables) {
        let value = variables.get(reference.name).map(|variable| variable.value.as_str());
        match (value, &reference.otherwise) {
            (None | Some(""), Otherwise::Default(default)) => self.text.push_str(default),
            (None, _) => self.problems.push(Trouble::Missing { reference, empty: false }),
            (Some(""), Otherwise::FailWith(_)) => {
                self.problems.push(Trouble::Missing { reference, empty: true });
            }
            (Some(value), _) => {
                self.text.push_str(value);
                self.used.push(reference.name);
            }
        }
    }
}

/// Whether a string consists of references only, without other text and without defaults. Such a
/// string shows no secret.
pub(crate) fn is_only_references(raw: &str) -> bool {
    let stands_for_another = |part: &Part<'_>| match part {
        Part::Reference(reference) => !matches!(reference.otherwise, Otherwise::Default(_)),
        Part::Text(_) | Part::Malformed { .. } => false,
    };
    !raw.is_empty() && parse(raw).iter().all(stands_for_another)
}

/// Splits a string into its pieces.
pub(crate) fn parse(raw: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            push_text(&mut parts, &rest[..at - 1]);
            parts.push(Part::Text("${"));
            rest = &rest[at + 2..];
            continue;
        }
        push_text(&mut parts, &rest[..at]);
        let end = rest[at..].find('}').map_or(rest.len(), |close| at + close + 1);
        parts.push(reference(&rest[at..end]));
        rest = &rest[end..];
    }
    push_text(&mut parts, rest);
    parts
}

fn push_text<'a>(parts: &mut Vec<Part<'a>>, text: &'a str) {
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
}

fn reference(source: &str) -> Part<'_> {
    let malformed = |why| Part::Malformed { source, why };
    let Some(inner) = source.strip_prefix("${").and_then(|inner| inner.strip_suffix('}')) else {
        return malformed("the reference has no closing `}`");
    };
    let (name, rest) = match inner.find(':') {
        Some(colon) => (&inner[..colon], Some(&inner[colon + 1..])),
        None => (inner, None),
    };
    if !variable_name::is_valid(name) {
        return malformed(variable_name::RULE);
    }
    if inner.contains("${") {
        return malformed("references cannot be nested");
    }
    let otherwise = match rest.map(|rest| (rest.strip_prefix('-'), rest.strip_prefix('?'))) {
        None => Otherwise::Fail,
        Some((Some(default), _)) => Otherwise::Default(default),
        Some((_, Some(message))) => Otherwise::FailWith(message),
        Some((None, None)) => return malformed("`:` must be followed by `-` or `?`"),
    };
    Part::Reference(Reference { source, name, otherwise })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_dollar_keeps_the_reference_as_text() {
        assert_eq!(parse("a$${B}"), [Part::Text("a"), Part::Text("${"), Part::Text("B}")]);
        assert_eq!(parse("$5 $$ }"), [Part::Text("$5 $$ }")]);
    }

    #[test]
    fn a_reference_with_a_default_or_a_text_beside_it_is_not_only_a_reference() {
        assert!(is_only_references("${A}") && is_only_references("${A:?set it}${B}"));
        for raw in ["", "x", "${A}x", "${A:-x}", "${A"] {
            assert!(!is_only_references(raw), "{raw}");
        }
    }

    #[test]
    fn every_malformed_reference_says_why() {
        for raw in ["${", "${}", "${1A}", "${A:x}", "${A-x}", "${A B}", "${A:-${B}}"] {
            assert!(matches!(parse(raw)[0], Part::Malformed { .. }), "{raw}");
        }
    }
}

//! The error type of the section deserializer.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::report::suggest::list;

/// Why a section does not fit its struct. A problem can quote secret values of the file, so users
/// never see it. They see the diagnostic that [`Config`](crate::Config) makes of it, which hides
/// secrets.
#[derive(Debug)]
pub(crate) struct Problem {
    pub path: Option<String>,
    pub kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Mismatch { found: Found, expected: String },
    Choice { found: String, choices: &'static [&'static str] },
    Missing(&'static str),
    Unknown { known: &'static [&'static str] },
    Message(String),
}

/// The value that was found: its type alone, and its type with the value.
#[derive(Debug)]
pub(crate) struct Found {
    pub kind: &'static str,
    pub shown: String,
}

impl Problem {
    /// Sets the path of the problem, unless a deeper path is set already.
    pub fn at(mut self, path: &str) -> Self {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self { path: None, kind }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Kind::Message(message.to_string()).into()
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = in_plain_words(&expected.to_string());
        Kind::Mismatch { found: Found::from(unexpected), expected }.into()
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(variant: &str, choices: &'static [&'static str]) -> Self {
        Kind::Choice { found: variant.to_owned(), choices }.into()
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Kind::Unknown { known }.into()
    }

    fn missing_field(field: &'static str) -> Self {
        Kind::Missing(field).into()
    }
}

impl From<Unexpected<'_>> for Found {
    fn from(unexpected: Unexpected<'_>) -> Self {
        let (kind, value) = match unexpected {
            Unexpected::Bool(value) => ("a boolean", Some(value.to_string())),
            Unexpected::Unsigned(value) => ("a number", Some(value.to_string())),
            Unexpected::Signed(value) => ("a number", Some(value.to_string())),
            Unexpected::Float(value) => ("a number", Some(value.to_string())),
            Unexpected::Str("") => ("an empty text", None),
            Unexpected::Str(text) => ("a text", Some(shorten(text))),
            Unexpected::Seq => ("a list", None),
            Unexpected::Map => ("a table", None),
            Unexpected::Other(digits) => (TOO_LARGE, Some(digits.to_owned())),
            _ => ("something else", None),
        };
        let shown = match value {
            Some(value) => format!("{kind}, `{value}`"),
            None => kind.to_owned(),
        };
        Self { kind, shown }
    }
}

/// The type that messages give for a number that does not fit into 64 bits.
pub(crate) const TOO_LARGE: &str = "a number that is too large";

/// The most characters of a value that a message quotes.
const LONGEST_QUOTE: usize = 60;

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Translates serde's name of a type into words for a user.
fn in_plain_words(expected: &str) -> String {
    let (first, not_zero, name) = match expected.strip_prefix("a nonzero ") {
        Some(name) => (1, ", but not 0", name),
        None => (0, "", expected),
    };
    match name {
        "u8" => format!("a whole number from {first} to {}", u8::MAX),
        "u16" => format!("a whole number from {first} to {}", u16::MAX),
        "u32" => format!("a whole number from {first} to {}", u32::MAX),
        "u64" | "u128" | "usize" => format!("a whole number of {first} or more"),
        "i8" => format!("a whole number from {} to {}{not_zero}", i8::MIN, i8::MAX),
        "i16" => format!("a whole number from {} to {}{not_zero}", i16::MIN, i16::MAX),
        "i32" => format!("a whole number from {} to {}{not_zero}", i32::MIN, i32::MAX),
        "i64" | "i128" | "isize" => format!("a whole number{not_zero}"),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "a string" | "a borrowed string" | "a character" => "a text".to_owned(),
        "path string" | "a borrowed path" => "a path".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a table".to_owned(),
        name if name.starts_with("struct ") => "a table".to_owned(),
        name => name.to_owned(),
    }
}

/// The choices as a message lists them: `` one of `disable`, `require` ``.
pub(crate) fn one_of(choices: &[&str]) -> String {
    match choices {
        [only] => format!("`{only}`"),
        choices => format!("one of {}", list(choices)),
    }
}

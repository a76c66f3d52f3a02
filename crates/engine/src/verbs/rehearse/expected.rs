use std::borrow::Cow;
use std::fmt;

use l0_stage::rehearsal::Shown;
use l0_stage::serde_json::{self, Value};
use l0_stage::time::OffsetDateTime;
use l0_stage::time::format_description::well_known::Rfc3339;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::number;

/// The value that a test of `[[tests]]` expects in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The column must be NULL.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number, digit for digit.
    Number(String),
    /// A text. It may also stand for a time or a JSON document.
    Text(String),
    /// A number with a fraction. Its digits are read from the file in a second step.
    Fraction,
}

impl Expected {
    /// Whether `found` is the expected value. If the type of `found` is known, both are compared as
    /// values of that type.
    pub(super) fn is(&self, found: &Shown) -> bool {
        match (self, found) {
            (Self::Null, found) => *found == Shown::Null,
            (Self::Fraction, _) | (_, Shown::Null) => false,
            (Self::Boolean(expected), Shown::Boolean(found)) => expected == found,
            (Self::Text(expected), Shown::Boolean(found)) => *expected == found.to_string(),
            (Self::Number(expected) | Self::Text(expected), Shown::Number(found)) => {
                expected == found || number::same(expected, found)
            }
            (Self::Text(expected), Shown::Time(found)) => time(expected) == Some(*found),
            (Self::Number(expected) | Self::Text(expected), Shown::Text(found)) => {
                expected == found
            }
            (Self::Text(expected), Shown::Uuid(found)) => expected.eq_ignore_ascii_case(found),
            (Self::Text(expected), Shown::Json(found)) => is_json(expected, found),
            (expected, Shown::Json(found)) => expected.is_scalar(found),
            (Self::Boolean(expected), Shown::Untyped(found)) => *found == expected.to_string(),
            (Self::Number(expected), Shown::Untyped(found)) => number::same(expected, found),
            (Self::Text(expected), Shown::Untyped(found)) => {
                expected == found
                    || time(expected).is_some_and(|it| Some(it) == time(found))
                    || (is_uuid(expected) && expected.eq_ignore_ascii_case(found))
            }
            (Self::Boolean(_) | Self::Number(_), _) => false,
        }
    }

    /// Whether `found` would be the expected value if its column were known to be numeric.
    pub(super) fn is_as_number(&self, found: &Shown) -> bool {
        match (self, found) {
            (Self::Text(expected), Shown::Untyped(found)) => number::same(expected, found),
            _ => false,
        }
    }

    fn is_scalar(&self, found: &Value) -> bool {
        match (self, found) {
            (Self::Boolean(expected), Value::Bool(found)) => expected == found,
            (Self::Number(expected), Value::Number(found)) => {
                number::same(expected, found.as_str())
            }
            _ => false,
        }
    }
}

/// Whether a text equals the value of a JSON column, either as a JSON string or after it is parsed
/// as JSON.
fn is_json(expected: &str, found: &Value) -> bool {
    found.as_str() == Some(expected)
        || serde_json::from_str::<Value>(expected).is_ok_and(|it| it == *found)
}

fn is_uuid(text: &str) -> bool {
    let parts = text
        .split('-')
        .map(|part| part.bytes().all(|it| it.is_ascii_hexdigit()).then_some(part.len()));
    parts.eq([8, 4, 4, 4, 12].map(Some))
}

fn time(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&with_full_offset(text), &Rfc3339).ok()
}

/// Turns a time as Postgres prints it, such as `2021-11-26 06:22:19+00`, into the form of RFC 3339.
fn with_full_offset(text: &str) -> String {
    let text = text.replacen(' ', "T", 1);
    let bytes = text.as_bytes();
    let sign = bytes.len().checked_sub(3).and_then(|at| bytes.get(at));
    let is_short = matches!(sign, Some(b'+' | b'-'));
    match is_short && text.contains('T') {
        true => format!("{text}:00"),
        false => text,
    }
}

/// Writes the value as the configuration file does.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Boolean(flag) => flag.fmt(f),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => write!(f, "{}", Value::from(text.as_str())),
            Self::Fraction => f.write_str("a number"),
        }
    }
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfToml)
    }
}

struct OfToml;

impl Visitor<'_> for OfToml {
    type Value = Expected;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a time, `true` or `false`")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Expected, E> {
        Ok(Expected::Boolean(flag))
    }

    fn visit_i64<E: de::Error>(self, int: i64) -> Result<Expected, E> {
        Ok(Expected::Number(int.to_string()))
    }

    fn visit_u64<E: de::Error>(self, int: u64) -> Result<Expected, E> {
        Ok(Expected::Number(int.to_string()))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Expected, E> {
        Ok(Expected::Fraction)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Expected, E> {
        Ok(Expected::Text(text.to_owned()))
    }
}

impl JsonSchema for Expected {
    fn schema_name() -> Cow<'static, str> {
        "Expected".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Expected {
        Expected::Text(text.to_owned())
    }

    fn number(digits: &str) -> Expected {
        Expected::Number(digits.to_owned())
    }

    #[test]
    fn a_text_column_is_compared_as_text() {
        let found = Shown::Text("030".to_owned());
        assert!(text("030").is(&found) && !text("30").is(&found) && !number("30").is(&found));
        assert!(number("30").is(&Shown::Text("30".to_owned())));
        let time = Shown::Text("2021-11-26 06:22:19+00".to_owned());
        assert!(!text("2021-11-26T06:22:19Z").is(&time));
    }

    #[test]
    fn a_number_is_compared_by_its_value() {
        let found = Shown::Number("30.3".to_owned());
        for same in [text("30.30"), number("30.3"), number("3.03e1")] {
            assert!(same.is(&found), "{same}");
        }
        for other in [text("30.3 "), number("30.31"), Expected::Boolean(true), Expected::Null] {
            assert!(!other.is(&found), "{other}");
        }
        assert!(text("NaN").is(&Shown::Number("NaN".to_owned())));
    }

    #[test]
    fn a_time_is_compared_as_an_instant() {
        let found = Shown::Time(time("2021-11-26T06:22:19Z").unwrap());
        for same in
            ["2021-11-26 06:22:19+00", "2021-11-26T09:22:19+03:00", "2021-11-26T06:22:19.0Z"]
        {
            assert!(text(same).is(&found), "{same}");
        }
        for other in ["2021-11-26T06:22:19+01:00", "2021-11-26", "now", "", "é+00"] {
            assert!(!text(other).is(&found), "{other}");
        }
    }

    #[test]
    fn json_is_compared_as_json() {
        let found = Shown::Json(serde_json::json!({"a": [1, "x"], "b": null}));
        assert!(text(r#"{ "b": null, "a": [1, "x"] }"#).is(&found));
        assert!(!text(r#"{"a": [1, "x"]}"#).is(&found));
        assert!(text("x").is(&Shown::Json("x".into())));
        assert!(number("1.0").is(&Shown::Json(serde_json::from_str("1").unwrap())));
    }

    #[test]
    fn without_a_type_a_text_may_be_a_number_or_a_time_if_it_is_expected_as_one() {
        let untyped = |text: &str| Shown::Untyped(text.to_owned());
        assert!(number("30.30").is(&untyped("30.3")) && !text("30.30").is(&untyped("30.3")));
        assert!(text("2021-11-26T06:22:19Z").is(&untyped("2021-11-26T09:22:19+03:00")));
        let uuid = untyped("01234567-89AB-cdef-0123-456789abcdef");
        assert!(text("01234567-89ab-cdef-0123-456789ABCDEF").is(&uuid));
        assert!(!text("abc-DEF").is(&untyped("ABC-def")));
        assert!(Expected::Boolean(true).is(&untyped("true")));
        assert!(Expected::Null.is(&Shown::Null) && !Expected::Null.is(&untyped("")));
    }
}

//! Decides whether a message has the same document as the one that is stored under its key.

use l0_stage::canonical;
use serde_json::Value;

use crate::{ColumnType, Decimal};

/// Whether the stored text, in a document column of type `kept`, is the same JSON as the payload.
/// The order of members and white space do not count. Numbers are compared digit for digit. In a
/// `jsonb` column they are compared in the form in which `jsonb` prints them.
#[must_use]
pub fn is_same_document(kept: ColumnType, stored: &[u8], payload: &[u8]) -> bool {
    stored == payload
        || match kept {
            ColumnType::Jsonb => {
                let parse = |text| serde_json::from_slice::<Value>(text).ok();
                let both = parse(stored).zip(parse(payload));
                both.is_some_and(|(stored, payload)| is_kept(&stored, &payload))
            }
            _ => canonical(stored) == canonical(payload),
        }
}

/// The most digits of a number in a document that a `jsonb` column keeps. `jsonb` writes out every
/// exponent. So a small document with numbers such as `1e131071` would be read back as gigabytes.
pub(crate) const MOST_DIGITS: i32 = 1_000;

/// Whether every number of a document has at most [`MOST_DIGITS`] digits.
pub(crate) fn can_be_jsonb(json: &Value) -> bool {
    match json {
        Value::Number(number) => Decimal::parse(number.as_str())
            .is_some_and(|it| it.digits_before_point() + it.scale() <= MOST_DIGITS),
        Value::Array(items) => items.iter().all(can_be_jsonb),
        Value::Object(members) => members.values().all(can_be_jsonb),
        _ => true,
    }
}

/// Whether `stored` is the form in which `jsonb` keeps `payload`.
fn is_kept(stored: &Value, payload: &Value) -> bool {
    match (stored, payload) {
        (Value::Object(stored), Value::Object(payload)) => {
            let is_same = |(name, value)| stored.get(name).is_some_and(|it| is_kept(it, value));
            stored.len() == payload.len() && payload.iter().all(is_same)
        }
        (Value::Array(stored), Value::Array(payload)) => {
            let mut both = stored.iter().zip(payload);
            stored.len() == payload.len() && both.all(|(stored, payload)| is_kept(stored, payload))
        }
        (Value::Number(stored), Value::Number(payload)) => {
            let payload = Decimal::parse(payload.as_str());
            payload.is_some_and(|payload| payload.to_string() == stored.as_str())
        }
        (stored, payload) => stored == payload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_jsonb_is_the_one_that_was_sent_in_its_own_writing() {
        let is_same = |stored: &str, payload: &str| {
            is_same_document(ColumnType::Jsonb, stored.as_bytes(), payload.as_bytes())
        };
        assert!(is_same(r#"{"a": [100, 1.50, 0.0]}"#, r#"{"a":[1E2,1.50,-0.0]}"#));
        assert!(!is_same(r#"{"a": 1.50}"#, r#"{"a":1.5}"#), "digits count");
        assert!(!is_same(r#"{"a": 1}"#, r#"{"a":1,"b":2}"#));
        assert!(!is_same(r#"{"a": [1]}"#, r#"{"a":[1,1]}"#));
    }

    #[test]
    fn a_number_whose_exponent_would_be_written_out_is_not_for_jsonb() {
        let can_be = |text| can_be_jsonb(&serde_json::from_str(text).unwrap());
        assert!(can_be(r#"{"a":[1e999,-1.5e-900]}"#));
        assert!(!can_be(r#"{"a":[{"b":1e131071}]}"#) && !can_be("1e-2000") && !can_be("1e999999"));
    }

    #[test]
    fn elsewhere_a_number_is_what_was_written() {
        let is_same = |stored: &str, payload: &str| {
            is_same_document(ColumnType::Json, stored.as_bytes(), payload.as_bytes())
        };
        assert!(is_same(r#"{"a":1,"b":2}"#, r#"{ "b": 2, "a": 1 }"#));
        assert!(!is_same(r#"{"a":100}"#, r#"{"a":1e2}"#));
    }
}

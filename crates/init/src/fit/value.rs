//! Whether the values of a member fit into a column that exists, and how they get there.

use l0_stage::existing::Holds;

use crate::lay::column::Fill;
use crate::learn::shape::Shape;
use crate::learn::tree::Json;

/// How a member with these values fills a column; `None` if some of them do not fit. `first` is one of
/// the values.
pub fn fill(holds: Holds, shape: &Shape, first: Option<&Json>) -> Option<Fill> {
    let Shape { booleans, objects, arrays, .. } = shape;
    let (numbers, texts) = (shape.numbers(), shape.texts.count);
    let is_scalar = objects + arrays == 0 && shape.scalars() > 0;
    let fits = match holds {
        Holds::Json => true,
        Holds::Nothing => false,
        Holds::Array => shape.is_array() && !has_objects(shape),
        Holds::Integer => is_scalar && *booleans == 0 && all_numbers(shape) && shape.decimals == 0,
        Holds::Number => is_scalar && *booleans == 0 && all_numbers(shape),
        Holds::Text => is_scalar && *booleans == 0,
        Holds::Boolean => is_scalar && numbers == 0,
        Holds::Time => is_scalar && *booleans == 0 && (numbers == 0 || texts == 0),
        Holds::Bytes => is_scalar && texts > 0 && numbers + booleans == 0,
        Holds::Form => is_scalar,
    };
    fits.then(|| how(holds, first))
}

fn all_numbers(shape: &Shape) -> bool {
    shape.texts.count == shape.texts.numbers
}

fn has_objects(shape: &Shape) -> bool {
    shape.element.as_ref().is_some_and(|element| element.objects > 0)
}

fn how(holds: Holds, first: Option<&Json>) -> Fill {
    match (holds, first) {
        (Holds::Time, Some(Json::Number(digits))) => Fill::Epoch(unit(digits)),
        (Holds::Bytes, Some(Json::Text(text))) if is_hexadecimal(text) => Fill::Hexadecimal,
        _ => Fill::Plain,
    }
}

/// The unit in which a number of this size is a time of this century or the last.
fn unit(digits: &str) -> &'static str {
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    match whole.trim_start_matches('-').len() {
        ..=11 => "s",
        12..=14 => "ms",
        15..=17 => "us",
        _ => "ns",
    }
}

/// Such a text could also be base64, but a digest or an identifier is usually written so.
fn is_hexadecimal(text: &str) -> bool {
    !text.is_empty()
        && text.len().is_multiple_of(2)
        && text.bytes().all(|it| it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(holds: Holds, value: &str) -> Option<Fill> {
        let value: Json = serde_json::from_str(value).unwrap();
        fill(holds, &Shape::of([&value]), Some(&value))
    }

    #[test]
    fn a_value_fits_by_its_kind() {
        for (holds, fitting, other) in [
            (Holds::Integer, "\"12\"", "1.5"),
            (Holds::Number, "1.5", "\"x\""),
            (Holds::Text, "12", "{}"),
            (Holds::Boolean, "true", "1"),
            (Holds::Array, "[\"a\"]", "[{}]"),
            (Holds::Form, "\"10.0.0.1\"", "[]"),
            (Holds::Bytes, "\"aGk=\"", "1"),
            (Holds::Time, "\"2024-05-01T08:15:00Z\"", "true"),
        ] {
            assert!(filled(holds, fitting).is_some(), "{holds:?} {fitting}");
            assert_eq!(filled(holds, other), None, "{holds:?} {other}");
        }
        assert!(filled(Holds::Json, "{\"a\": [1]}").is_some());
    }

    #[test]
    fn the_size_of_a_number_tells_its_unit() {
        for (number, unit) in [
            ("1714551300", "s"),
            ("1714551300.5", "s"),
            ("1714551300000", "ms"),
            ("1714551300000000", "us"),
            ("1714551300000000000", "ns"),
        ] {
            assert_eq!(filled(Holds::Time, number), Some(Fill::Epoch(unit)), "{number}");
        }
    }

    #[test]
    fn bytes_in_hexadecimal_digits_are_told_from_base64() {
        assert_eq!(filled(Holds::Bytes, "\"00ff12\""), Some(Fill::Hexadecimal));
        assert_eq!(filled(Holds::Bytes, "\"aGk=\""), Some(Fill::Plain));
    }
}

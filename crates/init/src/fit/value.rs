//! Whether the values of a member fit into a column that exists, and how they are read.

use l0_stage::existing::{Column, Holds, Reading};
use serde_json::Value;

/// How the values of a member fill a column.
#[derive(Debug, PartialEq, Eq)]
pub struct Filling {
    pub reading: Reading,
    /// The first value that does not fit.
    pub misfit: Option<String>,
}

/// How these values, none of them null, fill the column. `None` if most of them do not fit.
pub fn filling(column: &Column, values: &[&Value]) -> Option<Filling> {
    let reading = reading(column.holds, values);
    let takes = |value: &&&Value| column.check.takes(value, reading);
    let fitting = values.iter().filter(takes).count();
    let misfit = values.iter().find(|value| !takes(value)).map(|value| shown(value));
    (column.holds != Holds::Nothing && 2 * fitting >= values.len())
        .then_some(Filling { reading, misfit })
}

fn reading(holds: Holds, values: &[&Value]) -> Reading {
    let texts = || values.iter().filter_map(|value| value.as_str());
    match holds {
        Holds::Time if texts().next().is_none() => largest(values).map_or(Reading::Plain, unit),
        Holds::Bytes if texts().next().is_some() && texts().all(is_hexadecimal) => {
            Reading::Hexadecimal
        }
        _ => Reading::Plain,
    }
}

/// The digits before the point of the largest number.
fn largest(values: &[&Value]) -> Option<usize> {
    let numbers = values.iter().filter(|value| value.is_number()).map(ToString::to_string);
    let whole = |digits: String| {
        let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
        whole.trim_start_matches('-').len()
    };
    numbers.map(whole).max()
}

/// The unit in which a number of so many digits is a time of this century or the last.
fn unit(digits: usize) -> Reading {
    Reading::Epoch(match digits {
        ..=11 => "s",
        12..=14 => "ms",
        15..=17 => "us",
        _ => "ns",
    })
}

/// Such a text could also be base64, but a digest or an identifier is usually written so.
fn is_hexadecimal(text: &str) -> bool {
    !text.is_empty()
        && text.len().is_multiple_of(2)
        && text.bytes().all(|it| it.is_ascii_hexdigit())
}

fn shown(value: &Value) -> String {
    const MOST: usize = 40;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use l0_stage::existing::{Check, Filled};
    use serde_json::json;

    use super::*;

    fn filled(holds: Holds, values: &[Value]) -> Option<Filling> {
        let column = Column {
            name: "c".to_owned(),
            declared: String::new(),
            holds,
            check: Check::new(|value, _| *value != json!("misfit")),
            filled: Filled::Optional,
            refers: false,
            keeps_documents: false,
            searchable: false,
        };
        filling(&column, &values.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_size_of_the_largest_number_tells_the_unit_of_a_time() {
        for (number, unit) in [
            (json!(1_714_551_300), "s"),
            (json!(1_714_551_300_000_i64), "ms"),
            (json!(1_714_551_300_000_000_i64), "us"),
            (json!(1_714_551_300_000_000_000_i64), "ns"),
        ] {
            let reading = filled(Holds::Time, &[json!(0), number]).unwrap().reading;
            assert_eq!(reading, Reading::Epoch(unit));
        }
        let text = filled(Holds::Time, &[json!("2024-05-01T08:15:00Z")]).unwrap();
        assert_eq!(text.reading, Reading::Plain);
    }

    #[test]
    fn bytes_are_hexadecimal_only_if_all_values_are() {
        let reading = |values: &[Value]| filled(Holds::Bytes, values).unwrap().reading;
        assert_eq!(reading(&[json!("00ff12")]), Reading::Hexadecimal);
        assert_eq!(reading(&[json!("cafe"), json!("aGk=")]), Reading::Plain);
    }

    #[test]
    fn one_value_that_does_not_fit_is_told_and_many_are_another_member() {
        let one = filled(Holds::Text, &[json!("a"), json!("misfit"), json!("b")]);
        assert_eq!(one.unwrap().misfit.as_deref(), Some("\"misfit\""));
        assert_eq!(filled(Holds::Text, &[json!("misfit")]), None);
        assert!(filled(Holds::Text, &[]).is_some(), "always null");
        assert_eq!(filled(Holds::Nothing, &[json!("a")]), None);
    }
}

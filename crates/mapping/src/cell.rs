use std::borrow::Cow;

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::{ColumnType, Decimal};

/// A value that is known to fit its column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Missing or `null`: the column's default, otherwise NULL.
    Null,
    /// For an integer column; within its range.
    Int(i64),
    /// For a numeric column, digit for digit.
    Decimal(Decimal<'a>),
    /// For a real or double column.
    Float(f64),
    /// For a text column.
    Text(Cow<'a, str>),
    /// For a timestamp column.
    Timestamp(OffsetDateTime),
    /// For a date column.
    Date(Date),
    /// For a boolean column.
    Boolean(bool),
    /// For a uuid column.
    Uuid(u128),
}

impl<'a> Cell<'a> {
    /// The value as this column holds it. `None` if it does not fit.
    #[must_use]
    pub fn fit(value: &'a Value, column: ColumnType) -> Option<Self> {
        match (column, value) {
            (_, Value::Null) => Some(Self::Null),
            (ColumnType::Json | ColumnType::Jsonb, value) => {
                Some(Self::Text(Cow::Owned(value.to_string())))
            }
            (ColumnType::Boolean, Value::Bool(flag)) => Some(Self::Boolean(*flag)),
            (column, Value::String(text)) => Self::fit_text(text, column),
            (column, Value::Number(number)) => Self::fit_number(number.as_str(), column),
            (_, Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        }
    }

    /// A text, if it has at most `max` characters.
    pub(crate) fn text(text: Cow<'a, str>, max: Option<usize>) -> Option<Self> {
        let fits = max.is_none_or(|max| text.len() <= max || text.chars().count() <= max);
        fits.then_some(Self::Text(text))
    }

    /// A time, if it is still within the calendar in UTC. Near its ends it may not be.
    pub(crate) fn time(time: OffsetDateTime) -> Option<Self> {
        let time = time.checked_to_offset(UtcOffset::UTC)?;
        (0..=9999).contains(&time.year()).then_some(Self::Timestamp(time))
    }

    /// A number, if it fits the integer column.
    pub(crate) fn count(count: u64, column: ColumnType) -> Option<Self> {
        let (min, max) = column.integers()?;
        i64::try_from(count).ok().filter(|count| (min..=max).contains(count)).map(Self::Int)
    }

    pub(crate) fn fit_text(text: &'a str, column: ColumnType) -> Option<Self> {
        match column {
            ColumnType::Text { max } => Self::text(Cow::Borrowed(text), max),
            ColumnType::Timestamp => {
                OffsetDateTime::parse(text, &Rfc3339).ok().and_then(Self::time)
            }
            ColumnType::Date => {
                let format = format_description!("[year]-[month]-[day]");
                let date = Date::parse(text, format).ok().filter(|_| text.len() == 10);
                date.map(Self::Date)
            }
            ColumnType::Boolean => text.parse().ok().map(Self::Boolean),
            ColumnType::Uuid => parse_uuid(text).map(Self::Uuid),
            number => Self::fit_number(text, number),
        }
    }

    fn fit_number(lexeme: &'a str, column: ColumnType) -> Option<Self> {
        if let ColumnType::Text { .. } = column {
            return Self::fit_text(lexeme, column);
        }
        let decimal = Decimal::parse(lexeme)?;
        match column {
            ColumnType::SmallInt | ColumnType::Int | ColumnType::BigInt => {
                let (min, max) = column.integers()?;
                let integer = decimal.to_i64().filter(|it| (min..=max).contains(it));
                integer.map(Self::Int)
            }
            ColumnType::Numeric { limit } => {
                let fits = limit.is_none_or(|(precision, scale)| {
                    let high =
                        decimal.highest_place().is_none_or(|place| place < precision - scale);
                    let low = decimal.lowest_place().is_none_or(|place| place >= -scale);
                    high && low
                });
                fits.then_some(Self::Decimal(decimal))
            }
            ColumnType::Real => {
                let float: f32 = lexeme.parse().ok()?;
                float.is_finite().then(|| Self::Float(f64::from(float)))
            }
            ColumnType::Double => {
                let float: f64 = lexeme.parse().ok()?;
                float.is_finite().then_some(Self::Float(float))
            }
            _ => None,
        }
    }
}

/// Parses only the canonical form: 32 hexadecimal digits with hyphens, in upper or lower case.
fn parse_uuid(text: &str) -> Option<u128> {
    let hyphens = [8, 13, 18, 23];
    let shaped = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if hyphens.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        });
    shaped.then(|| u128::from_str_radix(&text.replace('-', ""), 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMERIC: ColumnType = ColumnType::Numeric { limit: None };
    const TEXT: ColumnType = ColumnType::Text { max: None };

    fn fits(json: &str, column: ColumnType) -> bool {
        Cell::fit(&serde_json::from_str(json).unwrap(), column).is_some()
    }

    #[test]
    fn numbers_may_be_texts_and_texts_numbers() {
        assert!(fits(r#""30.3""#, NUMERIC));
        let number = serde_json::from_str("453.10").unwrap();
        assert_eq!(Cell::fit(&number, TEXT), Some(Cell::Text("453.10".into())));
        let text = serde_json::from_str(r#""10""#).unwrap();
        assert_eq!(Cell::fit(&text, ColumnType::BigInt), Some(Cell::Int(10)));
    }

    #[test]
    fn integers_stay_within_their_column() {
        assert!(fits("32767", ColumnType::SmallInt) && !fits("32768", ColumnType::SmallInt));
        assert!(fits("-2147483648", ColumnType::Int) && !fits("2147483648", ColumnType::Int));
        assert!(!fits("1.5", ColumnType::BigInt));
    }

    #[test]
    fn a_numeric_column_with_a_scale_never_rounds() {
        let money = ColumnType::Numeric { limit: Some((6, 2)) };
        assert!(fits("9999.99", money) && fits("1.100", money));
        assert!(!fits("1.001", money) && !fits("10000", money));
        let thousands = ColumnType::Numeric { limit: Some((3, -2)) };
        assert!(fits("99900", thousands) && fits("0", thousands));
        assert!(!fits("99950", thousands) && !fits("100000", thousands));
        let fractions = ColumnType::Numeric { limit: Some((3, 5)) };
        assert!(fits("0.00999", fractions) && fits("0.0", fractions) && !fits("0.01", fractions));
    }

    #[test]
    fn a_text_too_long_is_refused_trailing_blanks_included() {
        let short = ColumnType::Text { max: Some(3) };
        assert!(fits(r#""тыц""#, short));
        assert!(!fits(r#""abc ""#, short));
    }

    #[test]
    fn times_are_rfc_3339_and_nothing_else() {
        assert!(fits(r#""2021-11-26T06:22:19+03:00""#, ColumnType::Timestamp));
        let beyond = r#""9999-12-31T23:59:59-01:00""#;
        assert!(!fits(beyond, ColumnType::Timestamp), "in UTC it is the year 10000");
        assert!(fits(r#""2021-11-26""#, ColumnType::Date));
        assert!(!fits(r#""+2021-11-26""#, ColumnType::Date));
        for wrong in [r#""now""#, r#""2021-11-26""#, r#""2021-11-26 06:22:19""#, "1637907727"] {
            assert!(!fits(wrong, ColumnType::Timestamp), "{wrong}");
        }
    }

    #[test]
    fn objects_arrays_and_booleans_are_no_scalars() {
        for column in [TEXT, NUMERIC, ColumnType::BigInt, ColumnType::Timestamp, ColumnType::Uuid] {
            for json in ["{}", "[]", "true"] {
                assert!(!fits(json, column), "{json} for {column}");
            }
            assert!(fits("null", column));
        }
    }

    #[test]
    fn what_is_no_number_does_not_fit_a_number() {
        for json in [r#""""#, r#""NaN""#, r#""12a""#, r#"" 1""#] {
            assert!(!fits(json, NUMERIC), "{json}");
        }
        assert!(fits("1e400", NUMERIC) && !fits("1e400", ColumnType::Double));
    }
}

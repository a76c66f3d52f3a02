use std::borrow::Cow;

use serde_json::Value;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use crate::forms::{array, bytes, clock, interval, network, uuid};
use crate::{ColumnType, Decimal, Detail, uuid_text};

/// A value that is known to fit its column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// The value is missing or `null`. The column gets its default, or else NULL.
    Null,
    /// A value for an integer column, within the column's range.
    Int(i64),
    /// A value for a numeric column, digit for digit.
    Decimal(Decimal<'a>),
    /// A value for a real or double column.
    Float(f64),
    /// A value for a text column, or for a type whose values the sink sends as text.
    Text(Cow<'a, str>),
    /// A value for a timestamp column.
    Timestamp(OffsetDateTime),
    /// A value for a date column.
    Date(Date),
    /// A value for a boolean column.
    Boolean(bool),
    /// A value for a uuid column.
    Uuid(u128),
    /// A value for a column of bytes.
    Bytes(Vec<u8>),
}

impl<'a> Cell<'a> {
    /// The value as a cell of this column. `None` if it does not fit.
    #[must_use]
    pub fn fit(value: &'a Value, column: ColumnType, detail: &Detail) -> Option<Self> {
        match (column, value) {
            (_, Value::Null) => Some(Self::Null),
            (ColumnType::Json | ColumnType::Jsonb, value) => {
                Some(Self::Text(Cow::Owned(value.to_string())))
            }
            (ColumnType::Array, Value::Array(elements)) => {
                let literal = array::literal(elements, detail.element?, detail)?;
                Some(Self::Text(Cow::Owned(literal)))
            }
            (ColumnType::Boolean, Value::Bool(flag)) => Some(Self::Boolean(*flag)),
            (ColumnType::Cast, Value::Bool(flag)) => {
                Some(Self::Text(Cow::Borrowed(if *flag { "true" } else { "false" })))
            }
            (column, Value::String(text)) => Self::fit_text(text, column, detail),
            (column, Value::Number(number)) => Self::fit_number(number.as_str(), column, detail),
            (_, Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        }
    }

    /// The text as a cell, if it has at most `max` characters.
    pub(crate) fn text(text: Cow<'a, str>, max: Option<usize>) -> Option<Self> {
        has_at_most(&text, max).then_some(Self::Text(text))
    }

    /// The time as a cell, if its year in UTC is within 1 to 9999.
    pub(crate) fn time(time: OffsetDateTime) -> Option<Self> {
        clock::in_utc(time).map(Self::Timestamp)
    }

    /// The time in UTC as a cell without an offset.
    pub(crate) fn local_time(time: OffsetDateTime) -> Self {
        let local = PrimitiveDateTime::new(time.date(), time.time());
        Self::Text(Cow::Owned(clock::printed_local(local)))
    }

    /// The number as a cell, if it fits the integer column.
    pub(crate) fn count(count: u64, column: ColumnType) -> Option<Self> {
        let (min, max) = column.integers()?;
        i64::try_from(count).ok().filter(|count| (min..=max).contains(count)).map(Self::Int)
    }

    pub(crate) fn fit_text(text: &'a str, column: ColumnType, detail: &Detail) -> Option<Self> {
        let given = |fits: bool| fits.then_some(Self::Text(Cow::Borrowed(text)));
        let written = |text: String| Self::Text(Cow::Owned(text));
        match column {
            ColumnType::Text { max } => given(has_at_most(text, max)),
            ColumnType::Char { length } => {
                given(has_at_most(text.trim_end_matches(' '), Some(length)))
            }
            ColumnType::ShortText { bytes } => given(text.len() <= bytes),
            ColumnType::Enum => given(detail.labels.iter().any(|label| label == text)),
            ColumnType::Cast => given(true),
            ColumnType::Timestamp => clock::timestamp(text).map(Self::Timestamp),
            ColumnType::LocalTimestamp => {
                clock::local_timestamp(text).map(|it| written(clock::printed_local(it)))
            }
            ColumnType::Date => clock::date(text).map(Self::Date),
            ColumnType::Time => clock::time(text).map(written),
            ColumnType::TimeWithOffset => clock::time_with_offset(text).map(written),
            ColumnType::Interval => given(interval::is_interval(text)),
            ColumnType::Boolean => text.parse().ok().map(Self::Boolean),
            ColumnType::Uuid => uuid::parse(text).map(Self::Uuid),
            ColumnType::Inet => given(network::is_inet(text)),
            ColumnType::Cidr => given(network::is_cidr(text)),
            ColumnType::MacAddress { bytes } => given(network::is_mac_address(text, bytes)),
            ColumnType::Bytes => bytes::either(text).map(Self::Bytes),
            ColumnType::Array => None,
            number => Self::fit_number(text, number, detail),
        }
    }

    fn fit_number(lexeme: &'a str, column: ColumnType, detail: &Detail) -> Option<Self> {
        use ColumnType::{Cast, Char, Enum, ShortText, Text};
        if let Text { .. } | Char { .. } | ShortText { .. } | Enum | Cast = column {
            return Self::fit_text(lexeme, column, detail);
        }
        let decimal = Decimal::parse(lexeme)?;
        match column {
            ColumnType::SmallInt | ColumnType::Int | ColumnType::BigInt => {
                let (min, max) = column.integers()?;
                let integer = decimal.to_i64().filter(|it| (min..=max).contains(it));
                integer.map(Self::Int)
            }
            ColumnType::Numeric { limit } => {
                is_within(&decimal, limit).then_some(Self::Decimal(decimal))
            }
            ColumnType::NumericAffinity { limit } => {
                Self::unchanged(lexeme, &decimal).filter(|_| is_within(&decimal, limit))
            }
            ColumnType::Real => {
                let float: f32 = lexeme.parse().ok()?;
                float_of(f64::from(float), &decimal)
            }
            ColumnType::Double => float_of(lexeme.parse().ok()?, &decimal),
            _ => None,
        }
    }

    /// The decimal as an integer or float that keeps it exactly. A decimal of up to 15 digits
    /// survives the conversion to a float and back.
    fn unchanged(lexeme: &str, decimal: &Decimal<'_>) -> Option<Self> {
        const DIGITS_OF_A_FLOAT: i32 = 15;
        match decimal.to_i64() {
            Some(integer) => Some(Self::Int(integer)),
            None if decimal.significant_digits() > DIGITS_OF_A_FLOAT => None,
            None => {
                let float: f64 = lexeme.parse().ok()?;
                float.is_normal().then_some(Self::Float(float))
            }
        }
    }

    /// The value as text that the database can read. `None` for NULL.
    #[must_use]
    pub fn printed(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Text(text) => Cow::Borrowed(text),
            Self::Int(int) => Cow::Owned(int.to_string()),
            Self::Decimal(decimal) => Cow::Owned(decimal.written()),
            Self::Float(float) => Cow::Owned(format!("{float:?}")),
            Self::Timestamp(time) => {
                let local = PrimitiveDateTime::new(time.date(), time.time());
                Cow::Owned(clock::printed_local(local) + "+00")
            }
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::Boolean(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Uuid(uuid) => Cow::Owned(uuid_text(*uuid)),
            Self::Bytes(bytes) => Cow::Owned(bytes::printed(bytes)),
        })
    }
}

fn has_at_most(text: &str, max: Option<usize>) -> bool {
    max.is_none_or(|max| text.len() <= max || text.chars().count() <= max)
}

/// Whether a decimal has no more digits before and after the point than its column allows.
fn is_within(decimal: &Decimal<'_>, limit: Option<(i32, i32)>) -> bool {
    limit.is_none_or(|(precision, scale)| {
        let high = decimal.highest_place().is_none_or(|place| place < precision - scale);
        let low = decimal.lowest_place().is_none_or(|place| place >= -scale);
        high && low
    })
}

/// The float as a cell. `None` if it became infinite, or if a number other than 0 became 0.
fn float_of<'a>(float: f64, decimal: &Decimal<'_>) -> Option<Cell<'a>> {
    let is_kept = float.is_finite() && (float != 0.0 || decimal.highest_place().is_none());
    is_kept.then_some(Cell::Float(float))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMERIC: ColumnType = ColumnType::Numeric { limit: None };
    const TEXT: ColumnType = ColumnType::Text { max: None };

    fn fits(json: &str, column: ColumnType) -> bool {
        Cell::fit(&serde_json::from_str(json).unwrap(), column, &Detail::default()).is_some()
    }

    #[test]
    fn numbers_may_be_texts_and_texts_numbers() {
        assert!(fits(r#""30.3""#, NUMERIC));
        let number = serde_json::from_str("453.10").unwrap();
        let none = Detail::default();
        assert_eq!(Cell::fit(&number, TEXT, &none), Some(Cell::Text("453.10".into())));
        let text = serde_json::from_str(r#""10""#).unwrap();
        assert_eq!(Cell::fit(&text, ColumnType::BigInt, &none), Some(Cell::Int(10)));
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
    fn a_number_in_a_text_column_keeps_its_digits_and_its_exponent() {
        for (written, kept) in [
            ("1.10", "1.10"),
            ("-0.0", "-0.0"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1.50E-05", "1.50e-05"),
            ("1e5", "1e+5"),
        ] {
            let number = serde_json::from_str(written).unwrap();
            let cell = Cell::fit(&number, TEXT, &Detail::default());
            assert_eq!(cell, Some(Cell::Text(kept.into())), "{written}");
        }
    }

    #[test]
    fn a_label_of_an_enum_is_one_of_its_labels() {
        let detail = Detail { labels: vec!["new".into(), "1".into()], ..Detail::default() };
        let fits = |json: &str| {
            let json = serde_json::from_str(json).unwrap();
            Cell::fit(&json, ColumnType::Enum, &detail).is_some()
        };
        assert!(fits(r#""new""#) && fits("1") && fits("null"));
        assert!(!fits(r#""New""#) && !fits("true"));
    }

    #[test]
    fn trailing_blanks_do_not_count_in_a_padded_text() {
        let padded = ColumnType::Char { length: 2 };
        assert!(fits(r#""AB  ""#, padded) && !fits(r#""ABC""#, padded));
    }

    #[test]
    fn a_column_of_numeric_affinity_takes_what_an_integer_or_a_float_keeps() {
        let (affine, money) = (
            ColumnType::NumericAffinity { limit: None },
            ColumnType::NumericAffinity { limit: Some((10, 2)) },
        );
        assert!(fits("12.50", affine) && fits("9223372036854775807", affine));
        assert!(fits("1e300", affine) && fits("0.00", affine));
        for lost in ["0.1234567890123456", "9223372036854775809", "1e-320", "1e400"] {
            assert!(!fits(lost, affine), "{lost}");
        }
        assert!(fits("12.50", money) && !fits("12.505", money) && !fits("100000000", money));
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
        assert!(!fits("1e-400", ColumnType::Double) && !fits("1e-60", ColumnType::Real));
        assert!(fits("0e-400", ColumnType::Double));
    }
}

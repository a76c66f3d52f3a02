//! The type of a column, by the samples.

use super::shape::Shape;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BigInt,
    Numeric,
    /// Integers in all samples, but a later message may bring a fraction.
    Number,
    Text,
    Timestamp,
    Date,
    Boolean,
    Uuid,
    Json,
}

impl Kind {
    /// The narrowest type that holds every value of the samples, and values that later messages are
    /// likely to bring.
    pub fn of(shape: &Shape) -> Self {
        let (numbers, texts) = (shape.numbers(), &shape.texts);
        let all = |count: usize| count == texts.count;
        if shape.objects + shape.arrays > 0 || shape.scalars() == 0 {
            return Self::Json;
        }
        match (shape.booleans, numbers, texts.count) {
            (_, 0, 0) => Self::Boolean,
            (1.., ..) => Self::Json,
            (0, _, 0) => Self::of_numbers(shape),
            (0, 0, _) if all(texts.times) => Self::Timestamp,
            (0, 0, _) if all(texts.dates) => Self::Date,
            (0, 0, _) if all(texts.uuids) => Self::Uuid,
            (0, 1.., _) if all(texts.numbers) && shape.endless == 0 => Self::Numeric,
            _ => Self::Text,
        }
    }

    /// The type of a column that is not the key. A few integers do not prove that no later message
    /// brings a fraction, unless the member is `named` like an identifier.
    pub fn of_column(shape: &Shape, named: bool) -> Self {
        const PROVEN_BY: usize = 100;
        match Self::of(shape) {
            Self::BigInt if !named && shape.numbers() < PROVEN_BY => Self::Number,
            kind => kind,
        }
    }

    /// The type of a key column: text, bigint or uuid.
    pub fn of_key(shape: &Shape) -> Self {
        match Self::of(shape) {
            kind @ (Self::BigInt | Self::Uuid) => kind,
            _ => Self::Text,
        }
    }

    fn of_numbers(shape: &Shape) -> Self {
        match (shape.decimals, shape.endless) {
            (0, 0) => Self::BigInt,
            (_, 0) => Self::Numeric,
            _ => Self::Text,
        }
    }

    /// The type of a key, for a person.
    pub fn of_key_as_str(self) -> &'static str {
        match self {
            Self::BigInt => "bigint",
            Self::Uuid => "uuid",
            _ => "text",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tree::Json;

    fn kind(values: &[&str]) -> Kind {
        let values: Vec<Json> =
            values.iter().map(|value| serde_json::from_str(value).unwrap()).collect();
        Kind::of(&Shape::of(&values))
    }

    #[test]
    fn integers_of_a_few_samples_may_have_a_fraction_later() {
        let values = |count: usize| -> Shape {
            let values: Vec<Json> =
                (0..count).map(|at| serde_json::from_str(&at.to_string()).unwrap()).collect();
            Shape::of(&values)
        };
        assert_eq!(Kind::of_column(&values(3), false), Kind::Number);
        assert_eq!(Kind::of_column(&values(3), true), Kind::BigInt, "an identifier");
        assert_eq!(Kind::of_column(&values(100), false), Kind::BigInt);
    }

    #[test]
    fn a_type_is_wide_enough_for_every_value() {
        for (values, expected) in [
            (&["1", "null", "2"][..], Kind::BigInt),
            (&["1", "1.5"], Kind::Numeric),
            (&["9223372036854775808"], Kind::Numeric),
            (&["1", "\"30.3\""], Kind::Numeric),
            (&["1", "\"M\""], Kind::Text),
            (&["\"007\""], Kind::Text),
            (&["1e99999"], Kind::Text),
            (&["1e99999", "\"1\""], Kind::Text),
            (&["true", "null"], Kind::Boolean),
            (&["true", "\"yes\""], Kind::Json),
            (&["null"], Kind::Json),
            (&["{}"], Kind::Json),
            (&["{}", "1"], Kind::Json),
            (&["[1, 2]"], Kind::Json),
            (&["\"2026-01-31T12:00:00Z\""], Kind::Timestamp),
            (&["\"2026-01-31T12:00:00Z\"", "\"\""], Kind::Text),
            (&["\"2026-01-31\""], Kind::Date),
            (&["\"2026-01-31\"", "\"2026-01-31T12:00:00Z\""], Kind::Text),
            (&["\"b9a4cbb8-6c2e-4d27-a7b8-3f1d6c1d9c11\""], Kind::Uuid),
        ] {
            assert_eq!(kind(values), expected, "{values:?}");
        }
    }
}

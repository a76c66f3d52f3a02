use std::fmt;

/// What a column can hold, whatever the database calls its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// 16-bit integer.
    SmallInt,
    /// 32-bit integer.
    Int,
    /// 64-bit integer.
    BigInt,
    /// Exact decimal, with a limit if the column declares one.
    Numeric {
        /// Total digits and digits after the point.
        limit: Option<(i32, i32)>,
    },
    /// 32-bit binary float.
    Real,
    /// 64-bit binary float.
    Double,
    /// Text with at most `max` characters.
    Text {
        /// Characters, trailing blanks included; `None` without a limit.
        max: Option<usize>,
    },
    /// A point in time, stored in UTC.
    Timestamp,
    /// A calendar day.
    Date,
    /// True or false.
    Boolean,
    /// 128-bit identifier.
    Uuid,
    /// Any JSON, kept as text.
    Json,
    /// Any JSON, kept in the database's own form.
    Jsonb,
}

impl ColumnType {
    /// The smallest and the largest integer, if it holds integers.
    pub(crate) fn integers(self) -> Option<(i64, i64)> {
        match self {
            Self::SmallInt => Some((i16::MIN.into(), i16::MAX.into())),
            Self::Int => Some((i32::MIN.into(), i32::MAX.into())),
            Self::BigInt => Some((i64::MIN, i64::MAX)),
            _ => None,
        }
    }

    /// Whether it holds integers.
    #[must_use]
    pub fn is_integer(self) -> bool {
        self.integers().is_some()
    }
}

/// Describes a value that fits, for error texts.
impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallInt => f.write_str("a 16-bit integer"),
            Self::Int => f.write_str("a 32-bit integer"),
            Self::BigInt => f.write_str("a 64-bit integer"),
            Self::Numeric { limit: None } => f.write_str("a number"),
            Self::Numeric { limit: Some((precision, scale)) } => {
                write!(f, "a number of {precision} digits, {scale} of them after the point")
            }
            Self::Real | Self::Double => f.write_str("a number within its range"),
            Self::Text { max: None } => f.write_str("a text"),
            Self::Text { max: Some(max) } => write!(f, "a text of at most {max} characters"),
            Self::Timestamp => f.write_str("a time by RFC 3339"),
            Self::Date => f.write_str("a date as YYYY-MM-DD"),
            Self::Boolean => f.write_str("true or false"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Json | Self::Jsonb => f.write_str("JSON"),
        }
    }
}

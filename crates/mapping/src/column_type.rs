use std::fmt;

/// The kind of values that a column holds, independent of the database's name for its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// 16-bit integer.
    SmallInt,
    /// 32-bit integer.
    Int,
    /// 64-bit integer.
    BigInt,
    /// Exact decimal. It has a limit if the column declares one.
    Numeric {
        /// Total digits and digits after the point.
        limit: Option<(i32, i32)>,
    },
    /// A decimal that the database stores as a 64-bit integer or a 64-bit binary float. A number
    /// fits only if this does not change it.
    NumericAffinity {
        /// Total digits and digits after the point.
        limit: Option<(i32, i32)>,
    },
    /// 32-bit binary float.
    Real,
    /// 64-bit binary float.
    Double,
    /// Text with at most `max` characters.
    Text {
        /// The most characters, including trailing blanks. `None` without a limit.
        max: Option<usize>,
    },
    /// Text that the database pads with blanks to `length` characters. Trailing blanks of a value
    /// do not count.
    Char {
        /// The length in characters.
        length: usize,
    },
    /// Text that the database would cut off after `bytes` bytes.
    ShortText {
        /// The most bytes in UTF-8.
        bytes: usize,
    },
    /// An enum. Its labels are in [`Detail::labels`](crate::Detail::labels).
    Enum,
    /// A point in time, stored in UTC.
    Timestamp,
    /// A day and a time of day, without a time zone.
    LocalTimestamp,
    /// A calendar day.
    Date,
    /// A time of day.
    Time,
    /// A time of day with its offset from UTC.
    TimeWithOffset,
    /// A span of time.
    Interval,
    /// A boolean.
    Boolean,
    /// A UUID of 128 bits.
    Uuid,
    /// An IP address, with or without the prefix length of its network.
    Inet,
    /// A network: an IP address whose bits beyond the prefix are zero.
    Cidr,
    /// A hardware address.
    MacAddress {
        /// The length of the address: 6 or 8 bytes.
        bytes: usize,
    },
    /// Bytes. A document writes them in base64 or in hexadecimal digits.
    Bytes,
    /// Any JSON, kept as text.
    Json,
    /// Any JSON, kept in the database's binary form.
    Jsonb,
    /// An array. The type of its elements is in [`Detail::element`](crate::Detail::element).
    Array,
    /// A type whose values only the database can check. The sink sends the text, and the database
    /// casts it.
    Cast,
}

impl ColumnType {
    /// The smallest and the largest integer that the column holds. `None` for other types.
    pub(crate) fn integers(self) -> Option<(i64, i64)> {
        match self {
            Self::SmallInt => Some((i16::MIN.into(), i16::MAX.into())),
            Self::Int => Some((i32::MIN.into(), i32::MAX.into())),
            Self::BigInt => Some((i64::MIN, i64::MAX)),
            _ => None,
        }
    }

    /// Whether the column holds integers.
    #[must_use]
    pub fn is_integer(self) -> bool {
        self.integers().is_some()
    }
}

/// Describes for error texts which values fit: `a 16-bit integer`.
impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallInt => f.write_str("a 16-bit integer"),
            Self::Int => f.write_str("a 32-bit integer"),
            Self::BigInt => f.write_str("a 64-bit integer"),
            Self::Numeric { limit: None } => f.write_str("a number"),
            Self::Numeric { limit: Some((precision, scale)) } => digits(f, *precision, *scale),
            Self::NumericAffinity { limit } => {
                match limit {
                    Some((precision, scale)) => digits(f, *precision, *scale)?,
                    None => f.write_str("a number")?,
                }
                f.write_str(" that has at most 15 digits or is a 64-bit integer")
            }
            Self::Real | Self::Double => f.write_str("a number within the range of its column"),
            Self::Text { max: None } => f.write_str("a text"),
            Self::Text { max: Some(max) } => write!(f, "a text of at most {max} characters"),
            Self::Char { length } => write!(f, "a text of at most {length} characters"),
            Self::ShortText { bytes } => write!(f, "a text of at most {bytes} bytes"),
            Self::Enum => f.write_str("a label of the column's enum"),
            Self::Timestamp => f.write_str("a time with its offset, such as 2024-05-01T08:15:00Z"),
            Self::LocalTimestamp => {
                f.write_str("a time without an offset or in UTC, such as 2024-05-01T08:15:00")
            }
            Self::Date => f.write_str("a date as YYYY-MM-DD"),
            Self::Time => f.write_str("a time of day as HH:MM:SS"),
            Self::TimeWithOffset => f.write_str("a time of day with its offset, as HH:MM:SS+HH:MM"),
            Self::Interval => f.write_str("a duration such as P1DT2H or 02:30:00"),
            Self::Boolean => f.write_str("true or false"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Inet => f.write_str("an IP address, with or without a prefix length"),
            Self::Cidr => f.write_str("a network such as 10.0.0.0/8"),
            Self::MacAddress { bytes } => write!(f, "a hardware address of {bytes} bytes"),
            Self::Bytes => f.write_str("bytes in base64, or in hexadecimal digits after `\\x`"),
            Self::Json | Self::Jsonb => f.write_str("JSON"),
            Self::Array => f.write_str("an array"),
            Self::Cast => f.write_str("a text, a number or a boolean"),
        }
    }
}

fn digits(f: &mut fmt::Formatter<'_>, precision: i32, scale: i32) -> fmt::Result {
    write!(f, "a number of {precision} digits, {scale} of them after the point")
}

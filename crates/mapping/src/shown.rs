use l0_stage::rehearsal::Shown;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ColumnType;

impl ColumnType {
    /// Turns the printed value of a column of this type into a [`Shown`]. A time must be printed in
    /// RFC 3339, and a boolean as `true`, `false`, 1 or 0. A value in another form becomes a text.
    #[must_use]
    pub fn shown(self, printed: Option<String>) -> Shown {
        let Some(text) = printed else { return Shown::Null };
        match self {
            Self::SmallInt | Self::Int | Self::BigInt | Self::Real | Self::Double => {
                Shown::Number(text)
            }
            Self::Numeric { .. } | Self::NumericAffinity { .. } => Shown::Number(text),
            Self::Boolean => match text.as_str() {
                "true" | "1" => Shown::Boolean(true),
                "false" | "0" => Shown::Boolean(false),
                _ => Shown::Text(text),
            },
            Self::Timestamp => match OffsetDateTime::parse(&text, &Rfc3339) {
                Ok(time) => Shown::Time(time),
                Err(_) => Shown::Text(text),
            },
            Self::Json | Self::Jsonb | Self::Array => match serde_json::from_str(&text) {
                Ok(json) => Shown::Json(json),
                Err(_) => Shown::Text(text),
            },
            Self::Uuid => Shown::Uuid(text),
            _ => Shown::Text(text),
        }
    }
}

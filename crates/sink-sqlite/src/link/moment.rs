//! Times as text that sorts by time: `2021-11-26T03:22:19.000000Z`, in UTC, cut to
//! microseconds.

use l0_stage::time::format_description::well_known::Rfc3339;
use l0_stage::time::{OffsetDateTime, UtcOffset};
use rusqlite::types::Type;
use rusqlite::{Row, RowIndex};

pub(crate) fn text(time: OffsetDateTime) -> String {
    let time = time.checked_to_offset(UtcOffset::UTC).unwrap_or(time);
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second, microsecond) = time.to_hms_micro();
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{microsecond:06}Z")
}

/// The time in a column. `None` if it is NULL.
pub(crate) fn read<I: RowIndex + Copy>(
    row: &Row<'_>,
    column: I,
) -> rusqlite::Result<Option<OffsetDateTime>> {
    let value = row.get_ref(column)?;
    let Some(text) = value.as_str_or_null()? else { return Ok(None) };
    let no_time = || {
        let at = column.idx(row.as_ref())?;
        let name = row.as_ref().column_name(at)?.to_owned();
        Ok(rusqlite::Error::InvalidColumnType(at, name, Type::Text))
    };
    match parse(text) {
        Some(time) => Ok(Some(time)),
        None => Err(no_time().unwrap_or_else(|error: rusqlite::Error| error)),
    }
}

/// A time by RFC 3339, or in UTC as `CURRENT_TIMESTAMP` writes it: `2021-11-26 03:22:19`.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let of_sqlite = || text.replacen(' ', "T", 1) + "Z";
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339);
    parse(text).or_else(|_| parse(&of_sqlite())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_as_their_times_whatever_their_offsets() {
        let written = [
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
            ("2021-11-26T06:22:19.5+03:00", "2021-11-26T03:22:19.500000Z"),
            ("2021-11-26T03:22:19.5000019Z", "2021-11-26T03:22:19.500001Z"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
        ];
        let texts = written.map(|(time, _)| text(parse(time).unwrap()));
        assert_eq!(texts, written.map(|(_, text)| text));
        assert!(texts.is_sorted());
    }

    #[test]
    fn the_time_of_the_database_itself_is_read_as_utc() {
        let read = parse("2021-11-26 03:22:19").map(text);
        assert_eq!(read.as_deref(), Some("2021-11-26T03:22:19.000000Z"));
    }
}

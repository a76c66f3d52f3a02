//! The key of a document, and its form as text.

use std::fmt;

use crate::{Cell, ColumnType, Detail, metadata};

/// The key of a document: one cell for each column of the key, in their order. No cell is NULL.
///
/// A key has exactly one form as text, and different keys have different texts. A single value is
/// printed as it is. Several values are joined by `/`, and within a value `~` is escaped as `~0`
/// and `/` as `~1`, as in JSON pointers.
#[derive(Debug, Clone, PartialEq)]
pub struct Key<'a>(Vec<Cell<'a>>);

impl<'a> Key<'a> {
    /// Whether a column of this type can be part of a key. Equal values of the type must be
    /// identical, so that each value has one form as text.
    pub(crate) fn suits(column: ColumnType) -> bool {
        column.is_integer()
            || matches!(
                column,
                ColumnType::Text { .. }
                    | ColumnType::Uuid
                    | ColumnType::Date
                    | ColumnType::Timestamp
            )
    }

    /// A cell as a part of a key. `None` for NULL. A time is cut to microseconds, because databases
    /// keep no finer times.
    pub(crate) fn part(cell: Cell<'a>) -> Option<Cell<'a>> {
        match cell {
            Cell::Null => None,
            Cell::Timestamp(time) => Some(Cell::Timestamp(time.truncate_to_microsecond())),
            cell => Some(cell),
        }
    }

    pub(crate) fn of(parts: Vec<Cell<'a>>) -> Self {
        Self(parts)
    }

    /// Parses the text of a key with columns of these types. `None` if no row can have this key.
    pub(crate) fn parse(
        text: &str,
        columns: impl ExactSizeIterator<Item = ColumnType>,
    ) -> Option<Key<'static>> {
        // No document contains a NUL character, and not every database accepts one in a query.
        if text.contains('\0') {
            return None;
        }
        let texts = match columns.len() {
            1 => vec![text.to_owned()],
            _ => text.split('/').map(unescape).collect::<Option<_>>()?,
        };
        if texts.len() != columns.len() {
            return None;
        }
        let part = |(text, column): (&String, ColumnType)| {
            Key::part(Cell::fit_text(text, column, &Detail::default())?).and_then(own)
        };
        texts.iter().zip(columns).map(part).collect::<Option<Vec<_>>>().map(Key)
    }

    /// The cells, in the order of the key.
    #[must_use]
    pub fn cells(&self) -> &[Cell<'a>] {
        &self.0
    }

    /// The text of each cell, not escaped.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(text)
    }

    /// Whether every part is an empty text.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|cell| matches!(cell, Cell::Text(text) if text.is_empty()))
    }

    /// Whether the text of the key has more than `most` bytes.
    pub(crate) fn is_longer_than(&self, most: usize) -> bool {
        match &self.0[..] {
            [Cell::Text(text)] => text.len() > most,
            [_] => false,
            _ => self.to_string().len() > most,
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0[..] {
            [Cell::Text(text)] => f.write_str(text),
            [cell] => f.write_str(&text(cell)),
            cells => {
                let escaped = cells.iter().map(|cell| escape(&text(cell)));
                f.write_str(&escaped.collect::<Vec<_>>().join("/"))
            }
        }
    }
}

/// Prints a UUID as databases do: in lower case, with hyphens.
#[must_use]
pub fn uuid_text(uuid: u128) -> String {
    let digits = format!("{uuid:032x}");
    let (a, b, c) = (&digits[..8], &digits[8..12], &digits[12..16]);
    format!("{a}-{b}-{c}-{}-{}", &digits[16..20], &digits[20..])
}

/// The text of one part. The last arm is never reached, because [`Key::suits`] allows no other
/// types.
fn text(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => text.to_string(),
        Cell::Int(int) => int.to_string(),
        Cell::Uuid(uuid) => uuid_text(*uuid),
        Cell::Date(date) => date.to_string(),
        Cell::Timestamp(time) => metadata::rfc_3339(*time).unwrap_or_else(|| time.to_string()),
        other => format!("{other:?}"),
    }
}

fn own(cell: Cell<'_>) -> Option<Cell<'static>> {
    Some(match cell {
        Cell::Text(text) => Cell::Text(text.into_owned().into()),
        Cell::Int(int) => Cell::Int(int),
        Cell::Uuid(uuid) => Cell::Uuid(uuid),
        Cell::Date(date) => Cell::Date(date),
        Cell::Timestamp(time) => Cell::Timestamp(time),
        _ => return None,
    })
}

fn escape(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

/// Reverts [`escape`]. `None` if a `~` is not followed by `0` or `1`.
fn unescape(text: &str) -> Option<String> {
    let is_escaped = |rest: &str| rest.starts_with(['0', '1']);
    let mut rests = text.split('~').skip(1);
    rests.all(is_escaped).then(|| text.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
    use time::{Date, OffsetDateTime};

    use super::*;

    const TYPES: [ColumnType; 5] = [
        ColumnType::Text { max: None },
        ColumnType::Int,
        ColumnType::Uuid,
        ColumnType::Date,
        ColumnType::Timestamp,
    ];

    fn keys() -> impl Strategy<Value = Key<'static>> {
        // The Julian days from 0001-01-01 to 9999-12-31.
        let days = 1_721_426_i32..=5_373_484;
        let nanoseconds = -62_135_596_800_000_000_000_i128..253_402_300_800_000_000_000;
        let parts = ("[a~/01\u{1f600}]*", any::<i32>(), any::<u128>(), days, nanoseconds);
        parts.prop_map(|(text, int, uuid, day, at)| {
            let date = Date::from_julian_day(day).unwrap();
            let time = OffsetDateTime::from_unix_timestamp_nanos(at).unwrap();
            let time = Key::part(Cell::Timestamp(time)).unwrap();
            Key::of(vec![
                Cell::Text(text.into()),
                Cell::Int(int.into()),
                Cell::Uuid(uuid),
                Cell::Date(date),
                time,
            ])
        })
    }

    proptest! {
        #[test]
        fn a_key_is_parsed_back_from_its_text(key in keys()) {
            prop_assert_eq!(Key::parse(&key.to_string(), TYPES.into_iter()), Some(key));
        }

        #[test]
        fn any_text_is_the_text_of_one_key_or_of_none(text in "[a~/01]*") {
            let both = || [TYPES[0], TYPES[0]].into_iter();
            let again = Key::parse(&text, both()).map(|key| key.to_string());
            prop_assert_eq!(again.clone().unwrap_or_else(|| text.clone()), text);
        }
    }

    #[test]
    fn a_single_value_is_not_escaped_and_several_are() {
        let text = |text: &'static str| Cell::Text(text.into());
        assert_eq!(Key::of(vec![text("a/b~c")]).to_string(), "a/b~c");
        assert_eq!(Key::of(vec![text("a/b~c"), Cell::Int(-7)]).to_string(), "a~1b~0c/-7");
        assert_eq!(Key::of(vec![text(""), text("")]).to_string(), "/");
    }

    #[test]
    fn a_text_that_is_no_key_of_these_columns_finds_nothing() {
        let columns = || [ColumnType::Text { max: Some(3) }, ColumnType::SmallInt].into_iter();
        assert!(Key::parse("abc/7", columns()).is_some());
        for text in ["", "abc", "abc/7/", "abcd/7", "abc/x", "abc/99999", "a~2/7", "a~/7", "a\0/7"]
        {
            assert_eq!(Key::parse(text, columns()), None, "{text}");
        }
    }
}

//! Cells in the form that SQLite stores, compactly encoded: a tag, then the value.

use l0_mapping::{Cell, Key, uuid_text};
use rusqlite::types::{Value, ValueRef};

use crate::link::moment;

const NULL: u8 = 0;
const INT: u8 = 1;
const FLOAT: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;

pub(crate) fn push(buffer: &mut Vec<u8>, cell: &Cell<'_>) {
    match cell {
        Cell::Null => buffer.push(NULL),
        Cell::Int(int) => push_int(buffer, *int),
        Cell::Boolean(flag) => push_int(buffer, i64::from(*flag)),
        Cell::Float(float) => {
            buffer.push(FLOAT);
            buffer.extend_from_slice(&float.to_le_bytes());
        }
        Cell::Text(text) => push_bytes(buffer, TEXT, text.as_bytes()),
        Cell::Decimal(decimal) => push_bytes(buffer, TEXT, decimal.to_string().as_bytes()),
        Cell::Timestamp(time) => push_bytes(buffer, TEXT, moment::text(*time).as_bytes()),
        Cell::Date(date) => push_bytes(buffer, TEXT, date.to_string().as_bytes()),
        Cell::Uuid(uuid) => push_bytes(buffer, TEXT, uuid_text(*uuid).as_bytes()),
        Cell::Bytes(bytes) => push_bytes(buffer, BLOB, bytes),
    }
}

/// The parts of a key as a statement binds them: all but integers are stored as their texts.
pub(crate) fn values(key: &Key<'_>) -> Vec<Value> {
    let value = |(cell, text): (&Cell<'_>, String)| match cell {
        Cell::Int(int) => Value::Integer(*int),
        _ => Value::Text(text),
    };
    key.cells().iter().zip(key.texts()).map(value).collect()
}

fn push_int(buffer: &mut Vec<u8>, int: i64) {
    buffer.push(INT);
    buffer.extend_from_slice(&int.to_le_bytes());
}

fn push_bytes(buffer: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    buffer.push(tag);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(bytes);
}

/// Removes the first cell from `bytes`, as [`push`] appended it. `None` if the bytes do not begin
/// with a cell.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Option<ValueRef<'a>> {
    let tag = *bytes.split_off_first()?;
    Some(match tag {
        NULL => ValueRef::Null,
        INT => ValueRef::Integer(i64::from_le_bytes(take_array(bytes)?)),
        FLOAT => ValueRef::Real(f64::from_le_bytes(take_array(bytes)?)),
        TEXT => ValueRef::Text(take_bytes(bytes)?),
        BLOB => ValueRef::Blob(take_bytes(bytes)?),
        _ => return None,
    })
}

fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u32::from_le_bytes(take_array(bytes)?)).ok()?;
    bytes.split_off(..length)
}

/// Removes an array from the front.
fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    bytes.split_off(..N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use l0_mapping::{ColumnType, Decimal, Detail};
    use serde_json::json;

    use super::*;

    fn stored(cell: &Cell<'_>) -> String {
        let mut bytes = Vec::new();
        push(&mut bytes, cell);
        let mut rest = &bytes[..];
        let value = match take(&mut rest).unwrap() {
            ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            other => format!("{other:?}"),
        };
        assert!(rest.is_empty());
        value
    }

    #[test]
    fn a_cell_is_stored_in_the_form_that_compares_and_sorts() {
        assert_eq!(stored(&Cell::Null), "Null");
        assert_eq!(stored(&Cell::Int(i64::MIN)), "Integer(-9223372036854775808)");
        assert_eq!(stored(&Cell::Boolean(true)), "Integer(1)");
        assert_eq!(stored(&Cell::Float(-0.5)), "Real(-0.5)");
        let decimal = Decimal::parse("-12345678901234567890.120e1").unwrap();
        assert_eq!(stored(&Cell::Decimal(decimal)), "-123456789012345678901.20");
        let fit = |json, column| stored(&Cell::fit(&json, column, &Detail::default()).unwrap());
        assert_eq!(fit(json!("2024-02-29"), ColumnType::Date), "2024-02-29");
        let uuid = json!("01234567-89ab-CDEF-0123-456789ABCDEF");
        assert_eq!(fit(uuid, ColumnType::Uuid), "01234567-89ab-cdef-0123-456789abcdef");
    }

    #[test]
    fn what_another_sink_encoded_is_no_cell() {
        for bytes in [&b""[..], &[9], &[INT, 0], &[TEXT, 5, 0, 0, 0, b'a']] {
            assert_eq!(take(&mut &*bytes), None, "{bytes:?}");
        }
    }
}

//! Cells in Postgres' binary format, each after its length. The length of NULL is -1.
//!
//! Formats: `numeric_recv` and its neighbours in `src/backend/utils/adt` of Postgres.

use l0_mapping::{Cell, ColumnType, Decimal};
use time::{Date, OffsetDateTime, macros};

/// The length that means NULL.
pub(crate) const NULL: [u8; 4] = (-1_i32).to_be_bytes();

pub(crate) fn push_cell(buffer: &mut Vec<u8>, cell: &Cell<'_>, column: ColumnType) {
    match cell {
        Cell::Null => buffer.extend_from_slice(&NULL),
        cell => push(buffer, |buffer| encode_cell(cell, column, buffer)),
    }
}

/// Appends what `write` appends, after its length.
pub(crate) fn push(buffer: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 4]);
    write(buffer);
    let size = u32::try_from(buffer.len() - start - 4).unwrap_or(u32::MAX);
    buffer[start..start + 4].copy_from_slice(&size.to_be_bytes());
}

/// Splits off the first cell of `bytes`, with its length, as [`push_cell`] appended it. `None` if
/// the bytes do not begin with a cell.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = i32::from_be_bytes(*bytes.first_chunk()?);
    bytes.split_off(..4 + usize::try_from(length.max(0)).ok()?)
}

#[expect(clippy::cast_possible_truncation, reason = "the mapping has checked the column's range")]
fn encode_cell(cell: &Cell<'_>, column: ColumnType, buffer: &mut Vec<u8>) {
    match (cell, column) {
        (Cell::Null, _) => {}
        (Cell::Int(int), ColumnType::SmallInt) => {
            buffer.extend_from_slice(&(*int as i16).to_be_bytes())
        }
        (Cell::Int(int), ColumnType::Int) => buffer.extend_from_slice(&(*int as i32).to_be_bytes()),
        (Cell::Int(int), _) => buffer.extend_from_slice(&int.to_be_bytes()),
        (Cell::Float(float), ColumnType::Real) => {
            buffer.extend_from_slice(&(*float as f32).to_be_bytes())
        }
        (Cell::Float(float), _) => buffer.extend_from_slice(&float.to_be_bytes()),
        (Cell::Text(text), ColumnType::Jsonb) => {
            buffer.push(1); // version of the format
            buffer.extend_from_slice(text.as_bytes());
        }
        (Cell::Text(text), _) => buffer.extend_from_slice(text.as_bytes()),
        (Cell::Decimal(decimal), _) => encode_decimal(decimal, buffer),
        (Cell::Timestamp(time), _) => buffer.extend_from_slice(&microseconds(*time).to_be_bytes()),
        (Cell::Date(date), _) => buffer.extend_from_slice(&days(*date).to_be_bytes()),
        (Cell::Boolean(flag), _) => buffer.push(u8::from(*flag)),
        (Cell::Bytes(bytes), _) => buffer.extend_from_slice(bytes),
        (Cell::Uuid(uuid), _) => buffer.extend_from_slice(&uuid.to_be_bytes()),
    }
}

/// Encodes a number as groups of four decimal digits. Its weight is the power of 10,000 of the
/// first group.
#[expect(clippy::cast_possible_truncation, reason = "Decimal::parse bounds the digits")]
#[expect(clippy::cast_sign_loss, reason = "the range is never descending into negative counts")]
fn encode_decimal(decimal: &Decimal<'_>, buffer: &mut Vec<u8>) {
    // Trailing groups of zeros are left out, as the server does. So 1e131071 is a single group.
    let (highest, lowest) = (decimal.highest_place(), decimal.lowest_place());
    let first = highest.map_or(-1, |place| place.div_euclid(4));
    let last = lowest.map_or(0, |place| place.div_euclid(4));
    let groups = (first - last + 1).max(0);
    let sign: u16 = if decimal.negative && groups > 0 { 0x4000 } else { 0 };
    buffer.extend_from_slice(&(groups as u16).to_be_bytes());
    buffer.extend_from_slice(&(first as i16).to_be_bytes());
    buffer.extend_from_slice(&sign.to_be_bytes());
    buffer.extend_from_slice(&(decimal.scale() as u16).to_be_bytes());
    for group in (last..=first).rev() {
        let places = (0..4).rev().map(|place| decimal.digit(group * 4 + place));
        let value = places.fold(0_u16, |sum, digit| sum * 10 + u16::from(digit));
        buffer.extend_from_slice(&value.to_be_bytes());
    }
}

/// Microseconds since 2000, the server's epoch. Finer digits are rounded to the nearest.
pub(crate) fn microseconds(time: OffsetDateTime) -> i64 {
    let epoch = macros::datetime!(2000-01-01 00:00 UTC);
    let nanoseconds = (time - epoch).whole_nanoseconds();
    i64::try_from((nanoseconds + 500).div_euclid(1000)).unwrap_or(i64::MAX)
}

fn days(date: Date) -> i32 {
    date.to_julian_day() - macros::date!(2000 - 01 - 01).to_julian_day()
}

//! Arrays of cells in Postgres' binary format: a whole column of a batch in one parameter.
//!
//! Formats: `array_recv`, `numeric_recv` and their neighbours in `src/backend/utils/adt` of Postgres.

use l0_mapping::{Cell, ColumnType, Decimal};
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Postgres, Type};
use time::{Date, OffsetDateTime, macros};

/// Object ids of an element type and of its array type, and its name in SQL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ElementType {
    pub name: &'static str,
    element: u32,
    array: u32,
}

pub(crate) const BYTEA: ElementType = ElementType { name: "bytea", element: 17, array: 1001 };
pub(crate) const TEXT: ElementType = ElementType { name: "text", element: 25, array: 1009 };
pub(crate) const BIGINT: ElementType = ElementType { name: "bigint", element: 20, array: 1016 };
pub(crate) const TIMESTAMPTZ: ElementType =
    ElementType { name: "timestamptz", element: 1184, array: 1185 };

/// The base type of a column, without its modifier: the server must refuse what is too long rather
/// than cut it.
pub(crate) fn element_type(column: ColumnType) -> ElementType {
    let (name, element, array) = match column {
        ColumnType::SmallInt => ("smallint", 21, 1005),
        ColumnType::Int => ("integer", 23, 1007),
        ColumnType::BigInt => return BIGINT,
        ColumnType::Numeric { .. } => ("numeric", 1700, 1231),
        ColumnType::Real => ("real", 700, 1021),
        ColumnType::Double => ("double precision", 701, 1022),
        ColumnType::Text { .. } => return TEXT,
        ColumnType::Timestamp => return TIMESTAMPTZ,
        ColumnType::Date => ("date", 1082, 1182),
        ColumnType::Boolean => ("boolean", 16, 1000),
        ColumnType::Uuid => ("uuid", 2950, 2951),
        ColumnType::Json => ("json", 114, 199),
        ColumnType::Jsonb => ("jsonb", 3802, 3807),
    };
    ElementType { name, element, array }
}

/// An encoded array, ready to be bound.
#[derive(Debug)]
pub(crate) struct Array {
    of: ElementType,
    length: i32,
    elements: Vec<u8>,
}

impl Array {
    pub fn new(of: ElementType) -> Self {
        Self { of, length: 0, elements: Vec::new() }
    }

    /// Appends an element whose bytes `write` appends.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.length += 1;
        let start = self.elements.len();
        self.elements.extend([0; 4]);
        write(&mut self.elements);
        let size = u32::try_from(self.elements.len() - start - 4).unwrap_or(u32::MAX);
        self.elements[start..start + 4].copy_from_slice(&size.to_be_bytes());
    }

    pub fn push_null(&mut self) {
        self.length += 1;
        self.elements.extend((-1_i32).to_be_bytes());
    }

    pub fn push_text(&mut self, text: &str) {
        self.push(|buffer| buffer.extend(text.as_bytes()));
    }

    pub fn push_time(&mut self, time: OffsetDateTime) {
        self.push(|buffer| buffer.extend(microseconds(time).to_be_bytes()));
    }

    pub fn push_cell(&mut self, cell: &Cell<'_>, column: ColumnType) {
        match cell {
            Cell::Null => self.push_null(),
            cell => self.push(|buffer| encode_cell(cell, column, buffer)),
        }
    }
}

impl Type<Postgres> for Array {
    /// Never used: [`Encode::produces`] knows better.
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(TEXT.array))
    }
}

impl Encode<'_, Postgres> for Array {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let dimensions = i32::from(self.length > 0);
        buffer.extend_from_slice(&dimensions.to_be_bytes());
        buffer.extend_from_slice(&1_i32.to_be_bytes()); // it may contain NULL
        buffer.extend_from_slice(&self.of.element.to_be_bytes());
        if self.length > 0 {
            buffer.extend_from_slice(&self.length.to_be_bytes());
            buffer.extend_from_slice(&1_i32.to_be_bytes()); // lower bound
            buffer.extend_from_slice(&self.elements);
        }
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.of.array)))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the mapping has checked the column's range")]
fn encode_cell(cell: &Cell<'_>, column: ColumnType, buffer: &mut Vec<u8>) {
    match (cell, column) {
        (Cell::Null, _) => {}
        (Cell::Int(int), ColumnType::SmallInt) => buffer.extend((*int as i16).to_be_bytes()),
        (Cell::Int(int), ColumnType::Int) => buffer.extend((*int as i32).to_be_bytes()),
        (Cell::Int(int), _) => buffer.extend(int.to_be_bytes()),
        (Cell::Float(float), ColumnType::Real) => buffer.extend((*float as f32).to_be_bytes()),
        (Cell::Float(float), _) => buffer.extend(float.to_be_bytes()),
        (Cell::Text(text), ColumnType::Jsonb) => {
            buffer.push(1); // version of the format
            buffer.extend(text.as_bytes());
        }
        (Cell::Text(text), _) => buffer.extend(text.as_bytes()),
        (Cell::Decimal(decimal), _) => encode_decimal(decimal, buffer),
        (Cell::Timestamp(time), _) => buffer.extend(microseconds(*time).to_be_bytes()),
        (Cell::Date(date), _) => buffer.extend(days(*date).to_be_bytes()),
        (Cell::Boolean(flag), _) => buffer.push(u8::from(*flag)),
        (Cell::Uuid(uuid), _) => buffer.extend(uuid.to_be_bytes()),
    }
}

/// Groups of four decimal digits; the weight is the power of 10,000 of the first.
#[expect(clippy::cast_possible_truncation, reason = "Decimal::parse bounds the digits")]
#[expect(clippy::cast_sign_loss, reason = "the range is never descending into negative counts")]
fn encode_decimal(decimal: &Decimal<'_>, buffer: &mut Vec<u8>) {
    // Groups of zeros at the end are left out, as the server does: 1e131071 is one group.
    let (highest, lowest) = (decimal.highest_place(), decimal.lowest_place());
    let first = highest.map_or(-1, |place| place.div_euclid(4));
    let last = lowest.map_or(0, |place| place.div_euclid(4));
    let groups = (first - last + 1).max(0);
    let sign: u16 = if decimal.negative && groups > 0 { 0x4000 } else { 0 };
    buffer.extend((groups as u16).to_be_bytes());
    buffer.extend((first as i16).to_be_bytes());
    buffer.extend(sign.to_be_bytes());
    buffer.extend((decimal.scale() as u16).to_be_bytes());
    for group in (last..=first).rev() {
        let places = (0..4).rev().map(|place| decimal.digit(group * 4 + place));
        let value = places.fold(0_u16, |sum, digit| sum * 10 + u16::from(digit));
        buffer.extend(value.to_be_bytes());
    }
}

/// Microseconds since 2000, the server's epoch; finer digits are rounded to the nearest.
fn microseconds(time: OffsetDateTime) -> i64 {
    let epoch = macros::datetime!(2000-01-01 00:00 UTC);
    let nanoseconds = (time - epoch).whole_nanoseconds();
    i64::try_from((nanoseconds + 500).div_euclid(1000)).unwrap_or(i64::MAX)
}

fn days(date: Date) -> i32 {
    date.to_julian_day() - macros::date!(2000 - 01 - 01).to_julian_day()
}

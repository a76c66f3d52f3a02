//! Arrays of cells in Postgres' binary format: a whole column of a batch as one parameter.
//!
//! Format: `array_recv` in `src/backend/utils/adt/arrayfuncs.c` of Postgres.

use l0_mapping::ColumnType;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Postgres, Type};
use time::OffsetDateTime;

use super::cell;

/// The object ids of an element type and of its array type, and its name in SQL.
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

/// What a column's values are sent as: its base type, without its modifier, because the server must
/// refuse a value that is too long, not cut it. A type that is not among these is sent as text, and
/// cast in the statement.
pub(crate) fn element_type(column: ColumnType) -> ElementType {
    let (name, element, array) = match column {
        ColumnType::SmallInt => ("smallint", 21, 1005),
        ColumnType::Int => ("integer", 23, 1007),
        ColumnType::BigInt => return BIGINT,
        ColumnType::Numeric { .. } | ColumnType::NumericAffinity { .. } => ("numeric", 1700, 1231),
        ColumnType::Real => ("real", 700, 1021),
        ColumnType::Double => ("double precision", 701, 1022),
        ColumnType::Timestamp => return TIMESTAMPTZ,
        ColumnType::Date => ("date", 1082, 1182),
        ColumnType::Boolean => ("boolean", 16, 1000),
        ColumnType::Uuid => ("uuid", 2950, 2951),
        ColumnType::Json => ("json", 114, 199),
        ColumnType::Jsonb => ("jsonb", 3802, 3807),
        ColumnType::Bytes => return BYTEA,
        _ => return TEXT,
    };
    ElementType { name, element, array }
}

/// The element type in which whole documents are sent to a column of this type. `jsonb` has a
/// binary format of its own.
pub(crate) fn document_type(column: ColumnType) -> ElementType {
    match column {
        ColumnType::Jsonb => element_type(ColumnType::Json),
        column => element_type(column),
    }
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
        Self::with_capacity(of, 0)
    }

    /// An array with room for this many bytes of elements and their lengths.
    pub fn with_capacity(of: ElementType, bytes: usize) -> Self {
        Self { of, length: 0, elements: Vec::with_capacity(bytes) }
    }

    /// The array's size in bytes in the protocol's message: its length field, its head, and the
    /// elements.
    pub fn size(&self) -> usize {
        4 + 20 + self.elements.len()
    }

    /// Appends an element that follows its length, as [`cell`] writes it.
    pub fn push_cell(&mut self, cell: &[u8]) {
        self.length += 1;
        self.elements.extend_from_slice(cell);
    }

    /// Appends an element whose bytes `write` appends.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.length += 1;
        cell::push(&mut self.elements, write);
    }

    pub fn push_text(&mut self, text: &str) {
        self.push(|buffer| buffer.extend_from_slice(text.as_bytes()));
    }

    pub fn push_null(&mut self) {
        self.length += 1;
        self.elements.extend_from_slice(&cell::NULL);
    }

    pub fn push_time(&mut self, time: OffsetDateTime) {
        self.push(|buffer| buffer.extend(cell::microseconds(time).to_be_bytes()));
    }
}

impl Type<Postgres> for Array {
    /// Required by the trait, but not used, because [`Encode::produces`] gives the type.
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

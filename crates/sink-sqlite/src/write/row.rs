//! A document as the cells of its rows. This compact form, without the parsed tree, is what a
//! batch waits as.
//!
//! It begins with the generation for which it was encoded, and the number of its child rows in all
//! child tables. Then come the parent's cells in the order of the mapping's columns. Then come, per
//! child table, the number of its rows and their cells.

use l0_mapping::Mapping;
use l0_stage::{Document, Encoded, Rejection};
use rusqlite::types::ValueRef;

use super::cell;

/// Bytes of a generation's number.
const GENERATION: usize = size_of::<u32>();

/// # Errors
/// A rejection that names the pointer, the column and the expectation, never the value.
pub(crate) fn encode(
    generation: u32,
    mapping: &Mapping,
    document: &Document,
) -> Result<Encoded, Rejection> {
    let row = mapping.row(document)?;
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(&generation.to_le_bytes());
    push_count(&mut bytes, 0);
    row.cells.iter().for_each(|it| cell::push(&mut bytes, it));
    let mut children = 0;
    for (cells, child) in row.children.iter().zip(&mapping.children) {
        let rows = cells.len() / child.columns.len();
        children += rows;
        push_count(&mut bytes, rows);
        cells.iter().for_each(|it| cell::push(&mut bytes, it));
    }
    bytes[GENERATION..][..4].copy_from_slice(&count(children).to_le_bytes());
    Ok(Encoded { key: row.key.to_string(), row: bytes })
}

fn push_count(bytes: &mut Vec<u8>, rows: usize) {
    bytes.extend_from_slice(&count(rows).to_le_bytes());
}

/// Within range, because the mapping limits the rows of a document.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// The generation for which a row was encoded. `None` if [`encode`] did not write it.
pub(crate) fn generation(mut row: &[u8]) -> Option<u32> {
    cell::take_array(&mut row).map(u32::from_le_bytes)
}

/// Reads what [`encode`] wrote.
pub(crate) struct Cells<'a>(&'a [u8]);

impl<'a> Cells<'a> {
    /// The cells of a document, and how many child rows it has.
    pub fn of(row: &'a [u8]) -> rusqlite::Result<(Self, usize)> {
        let mut cells = Self(row.get(GENERATION..).ok_or_else(foreign)?);
        let children = cells.count()?;
        Ok((cells, children))
    }

    /// The next cell.
    pub fn cell(&mut self) -> rusqlite::Result<ValueRef<'a>> {
        cell::take(&mut self.0).ok_or_else(foreign)
    }

    /// The number of rows of the next child table.
    pub fn count(&mut self) -> rusqlite::Result<usize> {
        let count = cell::take_array(&mut self.0).map(u32::from_le_bytes);
        count.and_then(|count| usize::try_from(count).ok()).ok_or_else(foreign)
    }
}

fn foreign() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure("a record was encoded by another sink".into())
}

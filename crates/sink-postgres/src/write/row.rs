//! A document as the cells of its rows. This compact form, without the parsed tree, is what a
//! batch waits as.
//!
//! It begins with the generation of the tables for which it was encoded, and the number of its
//! child rows in all child tables. Then come the parent's cells in the order of the mapping's
//! columns. Then come, per child table, the number of its rows and their cells.

use l0_mapping::{Cell, Column, Mapping};
use l0_stage::anyhow::anyhow;
use l0_stage::{Document, Encoded, Error, Rejection};

use super::cell;

/// # Errors
/// A rejection that names the pointer, the column and the expectation, never the value.
pub(crate) fn encode(
    generation: u32,
    mapping: &Mapping,
    document: &Document,
) -> Result<Encoded, Rejection> {
    let row = mapping.row(document)?;
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(&generation.to_be_bytes());
    push_count(&mut bytes, 0);
    push_cells(&mut bytes, &row.cells, &mapping.columns);
    let mut children = 0;
    for (cells, child) in row.children.iter().zip(&mapping.children) {
        let rows = cells.chunks_exact(child.columns.len());
        children += rows.len();
        push_count(&mut bytes, rows.len());
        rows.for_each(|cells| push_cells(&mut bytes, cells, &child.columns));
    }
    bytes[4..8].copy_from_slice(&count(children).to_be_bytes());
    Ok(Encoded { key: row.key.to_string(), row: bytes })
}

fn push_cells(bytes: &mut Vec<u8>, cells: &[Cell<'_>], columns: &[Column]) {
    cells.iter().zip(columns).for_each(|(it, column)| {
        cell::push_cell(bytes, it, column.column_type);
    });
}

fn push_count(bytes: &mut Vec<u8>, rows: usize) {
    bytes.extend_from_slice(&count(rows).to_be_bytes());
}

/// Within range, because the mapping limits the rows of a document.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// The generation that was given to [`encode`].
pub(crate) fn generation(encoded: &Encoded) -> Result<u32, Error> {
    let generation = encoded.row.first_chunk().ok_or_else(foreign)?;
    Ok(u32::from_be_bytes(*generation))
}

/// Reads what [`encode`] wrote.
#[derive(Clone)]
pub(crate) struct Cells<'a>(&'a [u8]);

impl<'a> Cells<'a> {
    /// The cells of a row, and how many child rows the record has.
    pub fn of(encoded: &'a Encoded) -> Result<(Self, usize), Error> {
        let (_generation, rest) = encoded.row.split_first_chunk::<4>().ok_or_else(foreign)?;
        let mut cells = Self(rest);
        let children = cells.count()?;
        Ok((cells, children))
    }

    /// The next cell, after its length.
    pub fn cell(&mut self) -> Result<&'a [u8], Error> {
        let size = self.0.first_chunk().map(|size| i32::from_be_bytes(*size));
        let size = size.and_then(|size| usize::try_from(size.max(0)).ok());
        let (cell, rest) =
            size.and_then(|size| self.0.split_at_checked(4 + size)).ok_or_else(foreign)?;
        self.0 = rest;
        Ok(cell)
    }

    /// The number of rows of the next child table.
    pub fn count(&mut self) -> Result<usize, Error> {
        let (count, rest) = self.0.split_first_chunk().ok_or_else(foreign)?;
        self.0 = rest;
        usize::try_from(u32::from_be_bytes(*count)).map_err(|_| foreign())
    }
}

fn foreign() -> Error {
    Error::permanent(anyhow!("a record was encoded by another sink"))
}

//! A document as the cells of its rows, compact and without its tree: what a batch waits as.
//!
//! First the generation of the tables it was encoded for, and the number of its child rows in all
//! child tables; then the parent's cells in the order of the mapping's columns; then per child table
//! the number of its rows and their cells. How a cell is written is the sink's own.

use l0_stage::{Document, Encoded, Rejection};

use crate::{Cell, Column, ColumnType, Mapping};

/// Encodes a document; `push` appends one cell for a column of this type.
///
/// # Errors
/// A rejection that names pointer, column and expectation, never the value.
pub fn encode(
    generation: u32,
    mapping: &Mapping,
    document: &Document,
    push: impl Fn(&mut Vec<u8>, &Cell<'_>, ColumnType),
) -> Result<Encoded, Rejection> {
    let row = mapping.row(document)?;
    let push_row = |bytes: &mut Vec<u8>, cells: &[Cell<'_>], columns: &[Column]| {
        cells.iter().zip(columns).for_each(|(it, column)| push(bytes, it, column.column_type));
    };
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(&generation.to_be_bytes());
    push_count(&mut bytes, 0);
    push_row(&mut bytes, &row.cells, &mapping.columns);
    let mut children = 0;
    for (cells, child) in row.children.iter().zip(&mapping.children) {
        let rows = cells.chunks_exact(child.columns.len());
        children += rows.len();
        push_count(&mut bytes, rows.len());
        rows.for_each(|cells| push_row(&mut bytes, cells, &child.columns));
    }
    bytes[4..8].copy_from_slice(&count(children).to_be_bytes());
    Ok(Encoded { key: row.key.to_string(), row: bytes })
}

fn push_count(bytes: &mut Vec<u8>, rows: usize) {
    bytes.extend_from_slice(&count(rows).to_be_bytes());
}

/// Within range: the mapping bounds the rows of a document.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// The generation that [`encode`] was given; `None` if `row` has another origin.
#[must_use]
pub fn generation(row: &[u8]) -> Option<u32> {
    row.first_chunk().map(|number| u32::from_be_bytes(*number))
}

/// Reads what [`encode`] wrote. Each method returns `None` if that is not what follows.
#[derive(Debug, Clone)]
pub struct Cells<'a>(&'a [u8]);

impl<'a> Cells<'a> {
    /// The cells of a document, and how many child rows it has.
    #[must_use]
    pub fn of(row: &'a [u8]) -> Option<(Self, usize)> {
        let (_generation, rest) = row.split_first_chunk::<4>()?;
        let mut cells = Self(rest);
        let children = cells.count()?;
        Some((cells, children))
    }

    /// The next cell; `take` takes it off the front.
    pub fn cell<T>(&mut self, take: impl FnOnce(&mut &'a [u8]) -> Option<T>) -> Option<T> {
        take(&mut self.0)
    }

    /// How many rows of the next child table follow.
    pub fn count(&mut self) -> Option<usize> {
        let (count, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        usize::try_from(u32::from_be_bytes(*count)).ok()
    }
}

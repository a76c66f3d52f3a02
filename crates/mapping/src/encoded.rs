//! The encoded form of a document: the cells of its rows as bytes. A batch waits for its commit in
//! this form, because it takes less memory than parsed JSON.
//!
//! The bytes begin with the generation of the tables and the number of all child rows. The cells of
//! the document's own row follow. Then comes, for each child table, the number of its rows and their
//! cells. Cells are in the order of the mapping's columns. Each sink encodes a single cell in its
//! own way.

use l0_stage::{Document, Encoded, Rejection};

use crate::{Cell, Column, ColumnType, Mapping};

/// Encodes a document. `push` appends one cell of a column with the given type.
///
/// # Errors
/// A rejection that names the pointer, the column and the expected type, but never the value.
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

/// A number of rows as `u32`. It fits, because the mapping limits the rows of a document.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// The generation that [`encode`] has written into `row`. `None` if `row` is too short to come from
/// `encode`.
#[must_use]
pub fn generation(row: &[u8]) -> Option<u32> {
    row.first_chunk().map(|number| u32::from_be_bytes(*number))
}

/// Reads bytes that [`encode`] has written. Each method returns `None` if the next bytes are not
/// what it expects.
#[derive(Debug, Clone)]
pub struct Cells<'a>(&'a [u8]);

impl<'a> Cells<'a> {
    /// Starts to read an encoded document. Also returns the number of its child rows.
    #[must_use]
    pub fn of(row: &'a [u8]) -> Option<(Self, usize)> {
        let (_generation, rest) = row.split_first_chunk::<4>()?;
        let mut cells = Self(rest);
        let children = cells.count()?;
        Some((cells, children))
    }

    /// Reads the next cell with `take`, which removes the cell from the front of the bytes.
    pub fn cell<T>(&mut self, take: impl FnOnce(&mut &'a [u8]) -> Option<T>) -> Option<T> {
        take(&mut self.0)
    }

    /// Reads the number of rows of the next child table.
    pub fn count(&mut self) -> Option<usize> {
        let (count, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        usize::try_from(u32::from_be_bytes(*count)).ok()
    }
}

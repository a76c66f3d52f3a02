//! A document as the cells of its rows, as SQLite stores them.

use l0_mapping::filled::{self, Fill};
use l0_mapping::{Mapping, encoded};
use l0_stage::{Document, Encoded, Rejection};
use rusqlite::types::ValueRef;

use super::cell;

/// # Errors
/// A rejection that names the pointer, the column and the expectation, never the value.
pub(crate) fn encode(
    generation: u32,
    mapping: &Mapping,
    document: &Document,
) -> Result<Encoded, Rejection> {
    encoded::encode(generation, mapping, document, |bytes, it, _type| cell::push(bytes, it))
}

/// Which cells of a record are filled.
pub(crate) fn fills(mapping: &Mapping, row: &[u8]) -> rusqlite::Result<Vec<Fill>> {
    let take_null = |bytes: &mut &[u8]| Some(cell::take(bytes)? == ValueRef::Null);
    filled::fills(mapping, row, take_null).ok_or_else(foreign)
}

/// The parts of the key, whose cells have these places in the row.
pub(crate) fn key<'a>(row: &'a [u8], places: &[usize]) -> rusqlite::Result<Vec<ValueRef<'a>>> {
    let (mut cells, _) = Cells::of(row)?;
    let end = places.iter().max().map_or(0, |last| last + 1);
    let cells = (0..end).map(|_| cells.cell()).collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(places.iter().map(|at| cells[*at]).collect())
}

/// Reads what [`encode`] wrote.
pub(crate) struct Cells<'a>(encoded::Cells<'a>);

impl<'a> Cells<'a> {
    /// The cells of a document, and how many child rows it has.
    pub fn of(row: &'a [u8]) -> rusqlite::Result<(Self, usize)> {
        let (cells, children) = encoded::Cells::of(row).ok_or_else(foreign)?;
        Ok((Self(cells), children))
    }

    /// The next cell.
    pub fn cell(&mut self) -> rusqlite::Result<ValueRef<'a>> {
        self.0.cell(cell::take).ok_or_else(foreign)
    }

    /// The number of rows of the next child table.
    pub fn count(&mut self) -> rusqlite::Result<usize> {
        self.0.count().ok_or_else(foreign)
    }
}

fn foreign() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure("a record was encoded by another sink".into())
}

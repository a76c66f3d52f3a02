//! A document as the cells of its rows, each in Postgres' binary format.

use l0_mapping::filled::{self, Fill};
use l0_mapping::{Mapping, encoded};
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
    encoded::encode(generation, mapping, document, cell::push_cell)
}

/// The generation that was given to [`encode`].
pub(crate) fn generation(encoded: &Encoded) -> Result<u32, Error> {
    encoded::generation(&encoded.row).ok_or_else(foreign)
}

/// Which cells of a record are filled.
pub(crate) fn fills(mapping: &Mapping, encoded: &Encoded) -> Result<Vec<Fill>, Error> {
    let take_null = |bytes: &mut &[u8]| Some(cell::take(bytes)? == cell::NULL);
    filled::fills(mapping, &encoded.row, take_null).ok_or_else(foreign)
}

/// Reads what [`encode`] wrote.
#[derive(Clone)]
pub(crate) struct Cells<'a>(encoded::Cells<'a>);

impl<'a> Cells<'a> {
    /// The cells of a document, and how many child rows it has.
    pub fn of(encoded: &'a Encoded) -> Result<(Self, usize), Error> {
        let (cells, children) = encoded::Cells::of(&encoded.row).ok_or_else(foreign)?;
        Ok((Self(cells), children))
    }

    /// The next cell, after its length.
    pub fn cell(&mut self) -> Result<&'a [u8], Error> {
        self.0.cell(cell::take).ok_or_else(foreign)
    }

    /// The number of rows of the next child table.
    pub fn count(&mut self) -> Result<usize, Error> {
        self.0.count().ok_or_else(foreign)
    }
}

fn foreign() -> Error {
    Error::permanent(anyhow!("a record was encoded by another sink"))
}

//! Finds out which cells of a record are NULL. A sink needs this to decide whose fault a refusal
//! is.

use crate::Mapping;
use crate::encoded::Cells;

/// Whether the cells of one column have values, over all rows of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// Each cell has a value.
    Always,
    /// Each cell is NULL.
    Never,
    /// Some cells have a value and some are NULL, or it is not known because the record has no row
    /// in the table.
    Perhaps,
}

/// The cells that a record has for one table.
#[derive(Debug)]
pub struct Fill {
    /// Whether each column is filled, in the order of the mapping's columns.
    pub columns: Vec<Filled>,
    /// The number of rows that the record has in the table.
    pub rows: usize,
}

/// Reads the cells of a record: first those of its own row, then those of each child table.
/// `take_null` removes a cell from the front of the bytes, and says whether it is NULL. `None` if
/// another sink encoded the row.
pub fn fills(
    mapping: &Mapping,
    row: &[u8],
    take_null: impl Fn(&mut &[u8]) -> Option<bool>,
) -> Option<Vec<Fill>> {
    let (mut cells, _) = Cells::of(row)?;
    let mut fills = vec![fill(&mut cells, mapping.columns.len(), 1, &take_null)?];
    for child in &mapping.children {
        let rows = cells.count()?;
        fills.push(fill(&mut cells, child.columns.len(), rows, &take_null)?);
    }
    Some(fills)
}

fn fill(
    cells: &mut Cells<'_>,
    columns: usize,
    rows: usize,
    take_null: impl Fn(&mut &[u8]) -> Option<bool>,
) -> Option<Fill> {
    let mut filled = vec![None; columns];
    for _ in 0..rows {
        for column in &mut filled {
            let now = if cells.cell(&take_null)? { Filled::Never } else { Filled::Always };
            *column = match *column {
                None => Some(now),
                Some(before) if before == now => Some(now),
                Some(_) => Some(Filled::Perhaps),
            };
        }
    }
    let columns = filled.into_iter().map(|it| it.unwrap_or(Filled::Perhaps)).collect();
    Some(Fill { columns, rows })
}

//! Which cells of a record are filled: whose fault a refusal is depends on it.

use crate::Mapping;
use crate::encoded::Cells;

/// Whether the cells of a column are filled, in all rows of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// Each has a value.
    Always,
    /// Each is NULL.
    Never,
    /// Some have a value, or it is not known.
    Perhaps,
}

/// The cells that a record has for one table.
#[derive(Debug)]
pub struct Fill {
    /// In the order of the mapping's columns.
    pub columns: Vec<Filled>,
    /// Rows of the record.
    pub rows: usize,
}

/// The cells of a record: those of the parent, then of each child table. `take_null` takes a cell off the
/// front, and says whether it is NULL. `None` if another sink encoded the row.
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

use std::iter;

use l0_mapping::{Column, Mapping};
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Record};
use sqlx::Arguments;
use sqlx::postgres::PgArguments;

use super::array::{Array, BIGINT, document_type, element_type};
use super::row::Cells;

/// The rows of a batch as columns, one array each, in the order of the statement's parameters.
pub(crate) struct Batch {
    columns: Vec<Array>,
    /// `None` if the table keeps no documents.
    documents: Option<Array>,
    /// One id per document, if the writer gives the ids.
    ids: Option<Array>,
    children: Vec<Child>,
}

/// The rows of a child table. Each names its parent by the parent's id, or by its position in the
/// batch, counted from 1.
struct Child {
    parents: Array,
    columns: Vec<Array>,
}

impl Batch {
    pub fn of(mapping: &Mapping, records: &[&Record], ids: Option<&[i64]>) -> Result<Self, Error> {
        let children = mapping.children.iter();
        let child = |columns| Child { parents: Array::new(BIGINT), columns };
        let mut batch = Self {
            columns: arrays(&mapping.columns),
            documents: mapping.document.map(|column| {
                let bytes = records.iter().map(|record| record.message.payload.len() + 4).sum();
                Array::with_capacity(document_type(column), bytes)
            }),
            ids: ids.map(|_| Array::new(BIGINT)),
            children: children.map(|it| child(arrays(&it.columns))).collect(),
        };
        for (at, record) in records.iter().enumerate() {
            let place = i64::try_from(at).map_or(i64::MAX, |at| at + 1);
            let name = ids.and_then(|ids| ids.get(at).copied()).unwrap_or(place);
            batch.push(record, name)?;
        }
        Ok(batch)
    }

    /// Adds a record. Its child rows refer to it by `name`: its id, or its position in the batch.
    fn push(&mut self, record: &Record, name: i64) -> Result<(), Error> {
        let (mut cells, _) = Cells::of(&record.encoded)?;
        for array in &mut self.columns {
            array.push_cell(cells.cell()?);
        }
        if let Some(documents) = &mut self.documents {
            documents.push(|buffer| buffer.extend_from_slice(&record.message.payload));
        }
        if let Some(ids) = &mut self.ids {
            ids.push(|buffer| buffer.extend_from_slice(&name.to_be_bytes()));
        }
        for child in &mut self.children {
            for _ in 0..cells.count()? {
                child.parents.push(|buffer| buffer.extend_from_slice(&name.to_be_bytes()));
                for array in &mut child.columns {
                    array.push_cell(cells.cell()?);
                }
            }
        }
        Ok(())
    }

    pub fn arguments(self) -> Result<PgArguments, Error> {
        let children = self.children.into_iter();
        let children = children.flat_map(|child| iter::once(child.parents).chain(child.columns));
        let arrays: Vec<_> = self
            .columns
            .into_iter()
            .chain(self.documents)
            .chain(self.ids)
            .chain(children)
            .collect();
        let mut arguments = PgArguments::default();
        arguments.reserve(arrays.len(), arrays.iter().map(Array::size).sum());
        for array in arrays {
            arguments.add(array).map_err(|error| Error::permanent(anyhow!(error)))?;
        }
        Ok(arguments)
    }
}

fn arrays(columns: &[Column]) -> Vec<Array> {
    columns.iter().map(|column| Array::new(element_type(column.column_type))).collect()
}

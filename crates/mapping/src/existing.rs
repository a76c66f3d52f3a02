//! A table of the catalog in the words of `init --table`.

use std::collections::{BTreeMap, BTreeSet};

use l0_stage::existing::{Column, Filled, Holds, Table};

use crate::{CatalogColumn, CatalogTable, ColumnType, Field, key_check};

impl CatalogTable {
    /// Describes the table for `init --table`. `order` has the names of its columns as the database lists
    /// them. `own` says which columns a sequence or the clock fills; it has no others.
    #[must_use]
    pub fn describe(&self, name: &str, order: &[String], own: &BTreeMap<String, Filled>) -> Table {
        let column = |name: &String| {
            let column = self.columns.get(name)?;
            let filled = own.get(name).copied().unwrap_or_else(|| filled(column));
            Some(Column {
                name: name.clone(),
                declared: column.declared.clone(),
                holds: column.column_type.map_or(Holds::Nothing, holds),
                filled,
                keeps_documents: keeps_documents(column),
                searchable: self.indexed.contains_key(name)
                    && column.column_type.is_some_and(Field::suits),
            })
        };
        let suits = |name: &String| key_check::unsuited(self, name).is_none();
        let unique = self
            .unique
            .iter()
            .filter(|(columns, index)| !index.is_loose && columns.iter().all(suits));
        // In the order of the table.
        let sorted = |columns: &BTreeSet<String>| {
            order.iter().filter(|name| columns.contains(*name)).cloned().collect()
        };
        Table {
            name: name.to_owned(),
            columns: order.iter().filter_map(column).collect(),
            unique: unique.map(|(columns, _)| sorted(columns)).collect(),
            children: Vec::new(),
        }
    }
}

fn filled(column: &CatalogColumn) -> Filled {
    match () {
        () if column.generated_always => Filled::ByDatabase,
        () if column.required => Filled::ByDocument,
        () => Filled::Optional,
    }
}

fn keeps_documents(column: &CatalogColumn) -> bool {
    use ColumnType::{Json, Jsonb, Text};
    matches!(column.column_type, Some(Json | Jsonb | Text { max: None }))
}

fn holds(column: ColumnType) -> Holds {
    match column {
        ColumnType::SmallInt | ColumnType::Int | ColumnType::BigInt => Holds::Integer,
        ColumnType::Numeric { .. }
        | ColumnType::NumericAffinity { .. }
        | ColumnType::Real
        | ColumnType::Double => Holds::Number,
        ColumnType::Text { .. } | ColumnType::Char { .. } | ColumnType::ShortText { .. } => {
            Holds::Text
        }
        ColumnType::Timestamp | ColumnType::LocalTimestamp => Holds::Time,
        ColumnType::Boolean => Holds::Boolean,
        ColumnType::Bytes => Holds::Bytes,
        ColumnType::Json | ColumnType::Jsonb => Holds::Json,
        ColumnType::Array => Holds::Array,
        ColumnType::Enum
        | ColumnType::Date
        | ColumnType::Time
        | ColumnType::TimeWithOffset
        | ColumnType::Interval
        | ColumnType::Uuid
        | ColumnType::Inet
        | ColumnType::Cidr
        | ColumnType::MacAddress { .. }
        | ColumnType::Cast => Holds::Form,
    }
}

//! A table of the catalog in the words of `init --table`.

use std::collections::{BTreeMap, BTreeSet};

use l0_stage::existing::{Check, Column, Filled, Holds, Reading, Table};

use crate::table::is_identifier;
use crate::{
    CatalogColumn, CatalogTable, ColumnType, Detail, Field, Form, Part, Pointer, Unit, key_check,
};

impl CatalogTable {
    /// Describes the table for `init --table`. `order` has the names of its columns as the database lists
    /// them. `own` says which columns a sequence or the clock fills; it has no others. `refers` are the
    /// columns with a foreign key.
    #[must_use]
    pub fn describe(
        &self,
        name: &str,
        order: &[String],
        own: &BTreeMap<String, Filled>,
        refers: &BTreeSet<String>,
    ) -> Table {
        let column = |name: &String| {
            let column = self.columns.get(name)?;
            let filled = own.get(name).copied().unwrap_or_else(|| filled(column));
            // No section can name such a column.
            let column_type = column.column_type.filter(|_| is_identifier(name));
            Some(Column {
                name: name.clone(),
                declared: column.declared.clone(),
                holds: column_type.map_or(Holds::Nothing, holds),
                check: check(column_type, column.detail.clone()),
                filled,
                refers: refers.contains(name),
                keeps_documents: keeps_documents(column),
                searchable: self.indexed.contains_key(name)
                    && column.column_type.is_some_and(Field::suits),
            })
        };
        let suits = |name: &String| key_check::unsuited(self, name).is_none();
        let unsuited = self.unique.iter().filter_map(|(columns, index)| {
            let why = columns.iter().find_map(|name| key_check::unsuited(self, name));
            let loose = || "the index treats different texts as equal".to_owned();
            let why = why.map(|(why, _)| why).or_else(|| index.is_loose.then(loose))?;
            Some(format!("({}) {why}", columns.iter().cloned().collect::<Vec<_>>().join(", ")))
        });
        let unsuited = unsuited.collect();
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
            unsuited,
            has_trigger: false,
            children: Vec::new(),
        }
    }
}

/// The check of a message's value, as a mapping makes it.
fn check(column_type: Option<ColumnType>, detail: Detail) -> Check {
    Check::new(move |value, reading| {
        let form = match reading {
            Reading::Plain => Form::ByColumn,
            Reading::Hexadecimal => Form::Hexadecimal,
            Reading::Epoch("s") => Form::Epoch(Unit::Seconds),
            Reading::Epoch("ms") => Form::Epoch(Unit::Milliseconds),
            Reading::Epoch("us") => Form::Epoch(Unit::Microseconds),
            Reading::Epoch(_) => Form::Epoch(Unit::Nanoseconds),
        };
        let part = Part { pointer: Pointer::default(), form };
        column_type.is_some_and(|column| part.fit(value, column, &detail).is_some())
    })
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

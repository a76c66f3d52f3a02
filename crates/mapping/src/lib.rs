#![doc = include_str!("../README.md")]

mod advice;
mod catalog;
mod cell;
mod column_type;
mod compile;
mod decimal;
mod detail;
mod existing;
mod fault;
mod field;
mod forms;
mod key;
mod key_check;
mod key_declared;
mod metadata;
mod misfits;
mod outline;
mod part;
mod pointer;
mod row;
mod same;
mod shown;
mod table;
mod table_key;
mod value_of;

pub mod encoded;
pub mod filled;

pub use catalog::{Catalog, CatalogColumn, CatalogTable, UniqueIndex};
pub use cell::Cell;
pub use column_type::ColumnType;
pub use decimal::Decimal;
pub use detail::Detail;
pub use fault::Fault;
pub use field::{Field, FieldColumn};
pub use forms::epoch::Unit;
pub use key::{Key, uuid_text};
pub use metadata::Metadata;
pub use outline::Outline;
pub use part::{Form, Part};
pub use pointer::Pointer;
pub use row::{ChildMapping, Column, Mapping, Row};
pub use same::is_same_document;
pub use table::{Child, Table};
pub use table_key::TableKey;
pub use value_of::ValueOf;

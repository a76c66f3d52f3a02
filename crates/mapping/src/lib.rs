#![doc = include_str!("../README.md")]

mod catalog;
mod cell;
mod column_type;
mod compile;
mod decimal;
mod pointer;
mod row;
mod table;

pub use catalog::{Catalog, CatalogColumn, CatalogTable};
pub use cell::Cell;
pub use column_type::ColumnType;
pub use decimal::Decimal;
pub use pointer::Pointer;
pub use row::{ChildMapping, Column, Key, Mapping, Row};
pub use table::{Child, Table};

use std::collections::BTreeMap;

use l0_stage::rehearsal::{Rehearsal, Shown, TableColumns, TableRows};
use l0_stage::{Document, Error, async_trait};
use serde_json::Value;

use crate::{
    Catalog, CatalogColumn, CatalogTable, Cell, Column, ColumnType, Detail, Form, Mapping,
    Metadata, Part, Table, UniqueIndex, ValueOf,
};

/// The rows that documents become according to the declaration alone. The database is not asked, so
/// the types of the columns are not known.
pub struct Outline(Mapping);

impl Outline {
    /// Makes the outline of a declaration. `None` if [`Table::check`] finds a mistake in it.
    #[must_use]
    pub fn new(table: &Table) -> Option<Self> {
        let sound = table.check().is_empty();
        sound.then(|| Mapping::new(table, &assumed(table)).ok().map(Self)).flatten()
    }

    /// The outline as a [`Rehearsal`]. `None` if the declaration has mistakes.
    #[must_use]
    pub fn of(table: &Table) -> Option<Box<dyn Rehearsal>> {
        Some(Box::new(Self::new(table)?))
    }
}

#[async_trait]
impl Rehearsal for Outline {
    fn tables(&self) -> Vec<TableColumns> {
        self.0.tables()
    }

    async fn rows(&mut self, document: &Document) -> Result<Vec<TableRows>, Error> {
        let Self(mapping) = self;
        let row = mapping.row(document).map_err(Error::refused)?;
        let parent = rows(&mapping.table.name, &mapping.columns, &row.cells);
        let children = mapping.children.iter().zip(&row.children);
        let children = children.map(|(child, cells)| rows(&child.name, &child.columns, cells));
        Ok(std::iter::once(parent).chain(children).collect())
    }
}

impl Mapping {
    /// The tables and the names of their mapped columns, for a [`Rehearsal`].
    #[must_use]
    pub fn tables(&self) -> Vec<TableColumns> {
        let table = |(table, columns): (&str, &[Column])| TableColumns {
            table: table.to_owned(),
            columns: columns.iter().map(|column| column.name.clone()).collect(),
        };
        self.filled().map(table).collect()
    }

    /// The names of the tables with their mapped columns: first the table of documents, then its
    /// child tables.
    pub fn filled(&self) -> impl Iterator<Item = (&str, &[Column])> {
        let children = self.children.iter();
        let children = children.map(|child| (child.name.as_str(), child.columns.as_slice()));
        std::iter::once((self.table.name.as_str(), self.columns.as_slice())).chain(children)
    }
}

fn rows(table: &str, columns: &[Column], cells: &[Cell<'_>]) -> TableRows {
    let value = |(column, cell): (&Column, &Cell<'_>)| (column.name.clone(), shown(cell, column));
    let row = |cells: &[Cell<'_>]| columns.iter().zip(cells).map(value).collect();
    TableRows {
        table: table.to_owned(),
        rows: cells.chunks_exact(columns.len()).map(row).collect(),
    }
}

fn shown(cell: &Cell<'_>, column: &Column) -> Shown {
    match cell {
        Cell::Null => Shown::Null,
        Cell::Int(int) => Shown::Number(int.to_string()),
        Cell::Decimal(decimal) => Shown::Number(decimal.to_string()),
        Cell::Float(float) => Shown::Number(float.to_string()),
        Cell::Timestamp(time) => Shown::Time(*time),
        Cell::Date(date) => Shown::Text(date.to_string()),
        Cell::Boolean(flag) => Shown::Boolean(*flag),
        Cell::Bytes(_) => Shown::Text(cell.printed().unwrap_or_default().into_owned()),
        Cell::Uuid(uuid) => Shown::Uuid(crate::uuid_text(*uuid)),
        Cell::Text(json) if column.column_type == ColumnType::Json => written(json),
        Cell::Text(text) => Shown::Untyped(text.clone().into_owned()),
    }
}

/// A value of the document, shown as the document writes it.
fn written(json: &str) -> Shown {
    match serde_json::from_str(json) {
        Ok(Value::String(text)) => Shown::Untyped(text),
        Ok(Value::Number(number)) => Shown::Number(number.as_str().to_owned()),
        Ok(Value::Bool(flag)) => Shown::Boolean(flag),
        Ok(Value::Null) => Shown::Null,
        Ok(json) => Shown::Json(json),
        Err(_) => Shown::Untyped(json.to_owned()),
    }
}

/// An assumed catalog, in which every column fits the value that is mapped to it.
fn assumed(table: &Table) -> Catalog {
    let mut parent = columns(&table.columns);
    let is_plain = |name: &&String| {
        let value = table.columns.get(*name);
        matches!(value, Some(ValueOf::Document(Part { form: Form::ByColumn, .. })))
    };
    let key = table.key.columns().iter().filter(is_plain);
    let key = key.map(|name| (name, ColumnType::Text { max: None }));
    let own = [(&table.id, ColumnType::BigInt)].into_iter();
    let own = own.chain(table.document.iter().map(|name| (name, ColumnType::Json)));
    let stored = table.stored.iter().map(|name| (name, ColumnType::Timestamp));
    parent.extend(own.chain(key).chain(stored).map(|(name, it)| (name.clone(), column(it))));
    if let Some(stored) = table.stored.as_ref().and_then(|name| parent.get_mut(name)) {
        stored.default = Some("now()".to_owned());
    }
    let unique = BTreeMap::from([(table.key.set(), UniqueIndex::default())]);
    let parent = CatalogTable { columns: parent, unique, ..CatalogTable::default() };
    let children = table.children.iter().map(|child| {
        let mut columns = columns(&child.columns);
        columns.entry(child.parent.clone()).or_insert_with(|| column(ColumnType::BigInt));
        (child.name.clone(), CatalogTable { columns, ..CatalogTable::default() })
    });
    Catalog(children.chain([(table.name.clone(), parent)]).collect())
}

fn columns(mapped: &BTreeMap<String, ValueOf>) -> BTreeMap<String, CatalogColumn> {
    mapped.iter().map(|(name, value)| (name.clone(), column(holding(value)))).collect()
}

fn holding(value: &ValueOf) -> ColumnType {
    match value {
        ValueOf::Document(Part { form: Form::ByColumn, .. }) => ColumnType::Json,
        ValueOf::Document(Part { form: Form::Epoch(_), .. }) => ColumnType::Timestamp,
        ValueOf::Document(Part { form: Form::Hexadecimal, .. }) => ColumnType::Bytes,
        ValueOf::Message(Metadata::Published) => ColumnType::Timestamp,
        ValueOf::Message(Metadata::Deliveries | Metadata::Sequence) => ColumnType::BigInt,
        ValueOf::Message(_) => ColumnType::Text { max: None },
    }
}

fn column(column_type: ColumnType) -> CatalogColumn {
    CatalogColumn {
        column_type: Some(column_type),
        detail: Detail::default(),
        declared: String::new(),
        required: false,
        generated_always: false,
        nullable: true,
        default: None,
        missing_privilege: None,
        deterministic: true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use l0_stage::{Bytes, Message, Origin};
    use time::OffsetDateTime;

    use super::*;

    fn outline() -> Outline {
        let value = |text| ValueOf::parse(text).unwrap();
        let columns = [("uid", "/uid"), ("price", "/price"), ("at", "@published")];
        let child = crate::Child {
            name: "items".into(),
            parent: "order_id".into(),
            each: crate::Pointer::parse("/items").unwrap(),
            columns: BTreeMap::from([("tag".to_owned(), value("/tag"))]),
        };
        let table = Table {
            name: "orders".into(),
            id: "id".into(),
            key: "uid".into(),
            document: Some("document".into()),
            stored: Some("stored_at".into()),
            columns: columns.map(|(name, text)| (name.to_owned(), value(text))).into(),
            children: vec![child],
        };
        Outline::new(&table).unwrap()
    }

    fn document(text: &str) -> Document {
        let origin = Origin {
            stream: Arc::from("s"),
            stream_created: None,
            sequence: 1,
            published: OffsetDateTime::UNIX_EPOCH,
            attempt: 1,
        };
        let (headers, payload) = (Bytes::new(), Bytes::copy_from_slice(text.as_bytes()));
        let message = Message { origin, subject: "s".to_owned(), headers, payload };
        Document::new(message, serde_json::from_str(text).unwrap())
    }

    #[tokio::test]
    async fn a_document_shows_its_values_as_it_has_them() {
        let message = r#"{"uid": 7, "price": 1.50, "items": [{"tag": "a"}, {"tag": [1]}, {}]}"#;
        let rows = outline().rows(&document(message)).await.unwrap();
        let at = Shown::Time(OffsetDateTime::UNIX_EPOCH);
        let (uid, price) = (Shown::Untyped("7".into()), Shown::Number("1.50".into()));
        let parent = [("at", at), ("price", price), ("uid", uid)];
        let named = |(name, value): (&str, Shown)| (name.to_owned(), value);
        assert_eq!(rows[0].rows, [parent.map(named)]);
        let tags = [Shown::Untyped("a".into()), Shown::Json(serde_json::json!([1])), Shown::Null];
        assert_eq!(rows[1].rows, tags.map(|tag| vec![named(("tag", tag))]));
    }

    #[tokio::test]
    async fn what_no_type_could_hold_is_refused() {
        for message in [r#"{"price": 1}"#, r#"{"uid": ""}"#, r#"{"uid": true}"#] {
            let refused = outline().rows(&document(message)).await;
            assert!(matches!(refused, Err(Error::Refused(_))), "{message}");
        }
    }
}

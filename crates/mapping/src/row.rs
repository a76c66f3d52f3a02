use l0_stage::anyhow::anyhow;
use l0_stage::{Document, Error, Message, Rejection};
use serde_json::Value;

use crate::same;
use crate::{Cell, ColumnType, Detail, Field, Key, Metadata, Pointer, Table, ValueOf};

/// A mapping from documents to rows that was checked against the database.
#[derive(Debug)]
pub struct Mapping {
    /// The declaration of the table.
    pub table: Table,
    /// The mapped columns, in the order of [`Row::cells`].
    pub columns: Vec<Column>,
    /// The type of the document column: `Json`, `Jsonb` or `Text`. `None` if the table keeps no
    /// documents.
    pub document: Option<ColumnType>,
    /// The child tables, in the order of [`Row::children`].
    pub children: Vec<ChildMapping>,
    /// The fields by which documents can be found, the key first.
    pub fields: Vec<Field>,
    /// The indexes of the key's columns in `columns`, in the order of the key.
    pub(crate) key: Vec<usize>,
}

/// A mapped column of a table.
#[derive(Debug)]
pub struct Column {
    /// The name of the column.
    pub name: String,
    /// Where the value of the column comes from.
    pub value: ValueOf,
    /// The type of the column.
    pub column_type: ColumnType,
    /// What else the catalog says about the column's type.
    pub detail: Detail,
    /// The type as the database spells it, with its modifier.
    pub declared: String,
    /// The database's default, which replaces a missing or `null` value.
    pub default: Option<String>,
    /// Whether the value must be neither missing nor `null`: the column is NOT NULL without a
    /// default.
    pub required: bool,
}

/// A mapped child table.
#[derive(Debug)]
pub struct ChildMapping {
    /// The name of the child table.
    pub name: String,
    /// The column with the id of the parent's row.
    pub parent: String,
    /// The pointer to the array whose elements become rows.
    pub each: Pointer,
    /// The mapped columns of the child table.
    pub columns: Vec<Column>,
}

/// A document as rows, which borrow its texts.
#[derive(Debug)]
pub struct Row<'a> {
    /// The key of the document.
    pub key: Key<'a>,
    /// The cells of the document's own row, one for each of [`Mapping::columns`].
    pub cells: Vec<Cell<'a>>,
    /// For each child table, the cells of all its rows, row by row.
    pub children: Vec<Vec<Cell<'a>>>,
}

impl Mapping {
    /// The most bytes of a key as text. It is below the limit of an entry in a Postgres B-tree, a
    /// third of a page or 2,704 bytes (<https://www.postgresql.org/docs/current/btree.html>).
    pub const MAX_KEY_BYTES: usize = 2_048;

    /// The columns of the key, in the order of the key.
    pub fn key_columns(&self) -> impl ExactSizeIterator<Item = &Column> {
        self.key.iter().map(|at| &self.columns[*at])
    }

    /// The indexes of the key's columns in [`Mapping::columns`], in the order of the key.
    #[must_use]
    pub fn key_places(&self) -> &[usize] {
        &self.key
    }

    /// Parses the text of a key. `None` if no document can have this key.
    #[must_use]
    pub fn key_of(&self, text: &str) -> Option<Key<'static>> {
        Key::parse(text, self.key_columns().map(|column| column.column_type))
    }

    /// The first column that holds this value of the message and whose type fulfils `is_of_type`.
    pub fn column_of(
        &self,
        metadata: Metadata,
        is_of_type: impl Fn(ColumnType) -> bool,
    ) -> Option<&Column> {
        let value = ValueOf::Message(metadata);
        let holds = |it: &&Column| it.value == value;
        self.columns.iter().filter(holds).find(|it| is_of_type(it.column_type))
    }

    /// The index of a field in [`Mapping::fields`].
    ///
    /// # Errors
    /// [`Error::Permanent`] if no field has this name.
    pub fn field_place(&self, name: &str) -> Result<usize, Error> {
        let place = self.fields.iter().position(|field| field.name == name);
        place.ok_or_else(|| {
            let names: Vec<_> = self.fields.iter().map(|field| field.name.as_str()).collect();
            let known = names.join(", ");
            Error::permanent(anyhow!("documents can be found by {known}, but not by `{name}`"))
        })
    }

    /// The key of a document.
    ///
    /// # Errors
    /// A rejection if the key is empty or too long, or if a part of it is missing, `null` or of the
    /// wrong type.
    pub fn key<'a>(&self, document: &'a Document) -> Result<Key<'a>, Rejection> {
        let part = |column| self.key_part(column, document);
        let key = Key::of(self.key_columns().map(part).collect::<Result<_, _>>()?);
        if key.is_empty() {
            return Err(self.unfit_key("is empty"));
        }
        if key.is_longer_than(Self::MAX_KEY_BYTES) {
            return Err(self.unfit_key(&format!("is longer than {} bytes", Self::MAX_KEY_BYTES)));
        }
        Ok(key)
    }

    fn key_part<'a>(&self, column: &Column, document: &'a Document) -> Result<Cell<'a>, Rejection> {
        let cell = column.fit(document.json(), document.message());
        let cell = cell.ok_or_else(|| column.unfit(&self.table.name, ""))?;
        let missing = || format!("key `{}` (column `{}`) is missing", column.value, column.name);
        Key::part(cell).ok_or_else(|| Rejection::unfit(missing()))
    }

    fn unfit_key(&self, what: &str) -> Rejection {
        let named = self.key_columns().map(|it| format!("`{}` (column `{}`)", it.value, it.name));
        let named = named.collect::<Vec<_>>().join(", ");
        Rejection::unfit(format!("key {named} {what}"))
    }

    /// A document as rows.
    ///
    /// # Errors
    /// A rejection that names the pointer, the column and the expected type, but never the value.
    pub fn row<'a>(&self, document: &'a Document) -> Result<Row<'a>, Rejection> {
        let key = self.key(document)?;
        let (json, message) = (document.json(), document.message());
        if self.document == Some(ColumnType::Jsonb) && !same::can_be_jsonb(json) {
            let digits = same::MOST_DIGITS;
            let detail = format!(
                "a number has more than {digits} digits, the limit for a `jsonb` document column"
            );
            return Err(Rejection::unfit(detail));
        }
        let cell =
            |(at, column): (usize, &Column)| match self.key.iter().position(|place| *place == at) {
                Some(part) => Ok(key.cells()[part].clone()),
                None => column.fit(json, message).ok_or_else(|| column.unfit(&self.table.name, "")),
            };
        let cells = self.columns.iter().enumerate().map(cell).collect::<Result<_, _>>()?;
        let children = self.children.iter().map(|child| child.rows(json, message));
        Ok(Row { key, cells, children: children.collect::<Result<_, _>>()? })
    }
}

impl ChildMapping {
    /// The most rows of one document in a child table. A small document can have very many empty
    /// elements, and the rows of these elements take far more memory. Without a limit one message
    /// could fill the memory.
    pub const MAX_ROWS: usize = 10_000;

    fn rows<'a>(&self, json: &'a Value, message: &'a Message) -> Result<Vec<Cell<'a>>, Rejection> {
        let refuse = |what: String| Err(Rejection::unfit(what));
        let elements = match self.each.get(json) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(elements)) => elements,
            Some(_) => return refuse(format!("`{}` is not an array", self.each)),
        };
        if elements.len() > Self::MAX_ROWS {
            return refuse(format!("`{}` has more than {} elements", self.each, Self::MAX_ROWS));
        }
        let mut cells = Vec::with_capacity(elements.len() * self.columns.len());
        for (at, element) in elements.iter().enumerate() {
            if !element.is_object() {
                return refuse(format!("`{}/{at}` is not an object", self.each));
            }
            for column in &self.columns {
                let unfit = || column.unfit(&self.name, &format!("{}/{at}", self.each));
                cells.push(column.fit(element, message).ok_or_else(unfit)?);
            }
        }
        Ok(cells)
    }
}

impl Column {
    fn fit<'a>(&self, json: &'a Value, message: &'a Message) -> Option<Cell<'a>> {
        let cell = self.value.fit(json, message, self.column_type, &self.detail)?;
        (cell != Cell::Null || !self.required).then_some(cell)
    }

    fn unfit(&self, table: &str, prefix: &str) -> Rejection {
        let Self { name, value, column_type, detail, .. } = self;
        let (prefix, expected) = match value {
            ValueOf::Document(part) => (prefix, part.expected(*column_type, detail)),
            ValueOf::Message(_) => ("", detail.expected(*column_type)),
        };
        let given = if self.required { " and not missing" } else { "" };
        Rejection::unfit(format!(
            "`{prefix}{value}` (column `{table}.{name}`) must be {expected}{given}"
        ))
    }
}

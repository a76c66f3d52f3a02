use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::forms::bytes;
use crate::{Cell, ColumnType, Decimal, Detail, Pointer, Unit};

/// A part of a document, and the form in which the document writes its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where the part is in the document.
    pub pointer: Pointer,
    /// The form of the value.
    pub form: Form,
}

/// The forms in which a document can write a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// The form that the type of the column requires.
    #[default]
    ByColumn,
    /// A time, as a number of units since 1970.
    Epoch(Unit),
    /// Bytes, as hexadecimal digits.
    Hexadecimal,
}

/// The long form of a mapped value: `column = { value = "/ts", unit = "ms" }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// JSON pointer into the document.
    pub value: Pointer,
    /// The unit of a time that is written as a number since 1970.
    pub unit: Option<Unit>,
    /// The encoding of bytes. Without this key it is base64.
    pub encoding: Option<Encoding>,
}

/// The encoding of bytes in a document.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    /// Base64.
    Base64,
    /// Hexadecimal digits.
    Hex,
}

impl TryFrom<Written> for Part {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let form = match (written.unit, written.encoding) {
            (Some(_), Some(_)) => {
                return Err("keep one of them: `unit` is for times, `encoding` for bytes");
            }
            (Some(unit), None) => Form::Epoch(unit),
            (None, Some(Encoding::Hex)) => Form::Hexadecimal,
            (None, Some(Encoding::Base64) | None) => Form::ByColumn,
        };
        Ok(Self { pointer: written.value, form })
    }
}

impl Part {
    /// The value as a cell of this column. `None` if it does not fit.
    pub(crate) fn fit<'a>(
        &self,
        json: &'a Value,
        column: ColumnType,
        detail: &Detail,
    ) -> Option<Cell<'a>> {
        let Some(value) = self.pointer.get(json) else { return Some(Cell::Null) };
        match (self.form, value) {
            (_, Value::Null) => Some(Cell::Null),
            (Form::ByColumn, value) => Cell::fit(value, column, detail),
            (Form::Epoch(unit), Value::Number(number)) => epoch(number.as_str(), unit, column),
            (Form::Epoch(unit), Value::String(text)) => epoch(text, unit, column),
            (Form::Hexadecimal, Value::String(text)) => bytes::hexadecimal(text).map(Cell::Bytes),
            (Form::Epoch(_) | Form::Hexadecimal, _) => None,
        }
    }

    /// Why a column cannot hold values of this form, and what to do about it. `None` if it can.
    pub(crate) fn misfit(&self, column: ColumnType) -> Option<(&'static str, &'static str)> {
        match (self.form, column) {
            (Form::Epoch(_), ColumnType::Timestamp | ColumnType::LocalTimestamp) => None,
            // `ByColumn` fits every column here, because the value of each document is checked
            // later.
            (Form::ByColumn, _) | (Form::Hexadecimal, ColumnType::Bytes) => None,
            (Form::Epoch(_), _) => {
                Some(("is not a column of times, so `unit` cannot apply", "use a timestamp column"))
            }
            (Form::Hexadecimal, _) => {
                Some(("is not a column of bytes, so `encoding` cannot apply", "remove `encoding`"))
            }
        }
    }

    /// Describes for error texts which values fit.
    pub(crate) fn expected(&self, column: ColumnType, detail: &Detail) -> String {
        match self.form {
            Form::ByColumn => detail.expected(column),
            Form::Epoch(unit) => unit.expected().to_owned(),
            Form::Hexadecimal => "bytes in hexadecimal digits".to_owned(),
        }
    }
}

fn epoch<'a>(number: &str, unit: Unit, column: ColumnType) -> Option<Cell<'a>> {
    let time = unit.time(&Decimal::parse(number)?)?;
    match column {
        ColumnType::LocalTimestamp => Some(Cell::local_time(time)),
        _ => Some(Cell::Timestamp(time)),
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pointer.fmt(f)
    }
}

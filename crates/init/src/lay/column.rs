//! A column of a table, and what fills it.

use std::borrow::Cow;

use l0_stage::existing::{Holds, Reading};

use crate::learn::kind::Kind;
use crate::learn::shape::Shape;

/// A column, and the member that it is filled from.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub path: Vec<String>,
    pub kind: Kind,
    pub shape: Shape,
    /// What is known of a column that exists already.
    pub existing: Option<Existing>,
}

/// A column of a table that exists, and how the member fills it.
#[derive(Debug, Clone)]
pub struct Existing {
    pub declared: String,
    pub holds: Holds,
    pub reading: Reading,
    /// Whether the column is only named similarly to the member, or how its values are read is a guess.
    pub is_guess: bool,
}

impl Column {
    /// What a person may want to know of the column. Of a column that exists: its type.
    pub fn note(&self) -> Option<Cow<'_, str>> {
        match &self.existing {
            Some(Existing { declared, is_guess: true, .. }) => {
                Some(format!("{declared}; a guess").into())
            }
            Some(Existing { declared, .. }) => Some(declared.into()),
            None => self.why_json().map(Cow::Borrowed),
        }
    }

    /// Why the column of a new table holds JSON, if that is not obvious.
    fn why_json(&self) -> Option<&'static str> {
        let Shape { objects, arrays, booleans, nulls, present, .. } = self.shape;
        let scalars = self.shape.scalars();
        match self.kind {
            Kind::Json if nulls == present => Some("json: always null in the samples"),
            Kind::Json if objects == 0 && arrays == 0 && booleans > 0 => {
                Some("json: booleans and others")
            }
            Kind::Json if objects + scalars == 0 => Some("json: an array that makes no rows"),
            Kind::Json if arrays + scalars == 0 => Some("json: an object as a whole"),
            Kind::Json => Some("json: of different kinds in the samples"),
            Kind::Number => Some("integers in the samples; it takes fractions too"),
            Kind::Text if self.shape.numbers() > 0 => Some("text: numbers and others"),
            _ => None,
        }
    }
}

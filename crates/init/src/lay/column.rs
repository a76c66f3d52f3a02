//! A column of a table, and why it holds JSON, if it does.

use crate::learn::kind::Kind;
use crate::learn::shape::Shape;

/// A column, and the member that it is filled from.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub path: Vec<String>,
    pub kind: Kind,
    pub shape: Shape,
}

impl Column {
    /// Why the column holds JSON, if that is not obvious.
    pub fn note(&self) -> Option<&'static str> {
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

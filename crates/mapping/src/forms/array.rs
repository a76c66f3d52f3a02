//! Arrays as the literals that Postgres reads: `{"a","b"}`. See
//! <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>.

use serde_json::Value;

use crate::{Cell, ColumnType, Detail};

/// The most dimensions of an array in Postgres (`MAXDIM`).
const MOST_DIMENSIONS: usize = 6;

/// The array as a literal. `None` if an element does not fit, or if the inner arrays of a dimension
/// differ in length.
pub(crate) fn literal(elements: &[Value], of: ColumnType, detail: &Detail) -> Option<String> {
    let mut literal = Literal { text: String::new(), lengths: Vec::new(), of, detail };
    literal.push_array(elements, 0)?;
    Some(literal.text)
}

struct Literal<'a> {
    text: String,
    /// The length of each dimension.
    lengths: Vec<usize>,
    of: ColumnType,
    detail: &'a Detail,
}

impl Literal<'_> {
    fn push_array(&mut self, parts: &[Value], depth: usize) -> Option<()> {
        let has_arrays = self.of != ColumnType::Json
            && self.of != ColumnType::Jsonb
            && parts.iter().any(Value::is_array);
        let is_known = depth < self.lengths.len();
        if !is_known {
            self.lengths.push(parts.len());
        }
        // Postgres allows no empty array within an array.
        let is_even = self.lengths[depth] == parts.len() && (depth == 0 || !parts.is_empty());
        if !is_even || depth >= MOST_DIMENSIONS {
            return None;
        }
        self.text.push('{');
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            match part {
                Value::Array(inner) if has_arrays => self.push_array(inner, depth + 1)?,
                _ if has_arrays || self.lengths.len() > depth + 1 => return None,
                part => self.push_element(part)?,
            }
        }
        self.text.push('}');
        Some(())
    }

    fn push_element(&mut self, element: &Value) -> Option<()> {
        let cell = Cell::fit(element, self.of, self.detail)?;
        match cell.printed() {
            None => self.text.push_str("NULL"),
            Some(text) => {
                self.text.push('"');
                self.text.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
                self.text.push('"');
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(json: &Value, of: ColumnType) -> Option<String> {
        literal(json.as_array().unwrap(), of, &Detail::default())
    }

    const TEXT: ColumnType = ColumnType::Text { max: None };

    #[test]
    fn every_element_is_quoted_but_null() {
        let written = of(&json!(["a b", "", "NULL", null, "\"\\{}"]), TEXT);
        assert_eq!(written.as_deref(), Some(r#"{"a b","","NULL",NULL,"\"\\{}"}"#));
        assert_eq!(of(&json!([1, "2"]), ColumnType::Int).as_deref(), Some(r#"{"1","2"}"#));
        assert_eq!(of(&json!([]), ColumnType::Int).as_deref(), Some("{}"));
    }

    #[test]
    fn an_element_that_does_not_fit_refuses_the_array() {
        assert_eq!(of(&json!([1, 1.5]), ColumnType::Int), None);
        assert_eq!(of(&json!([{}]), TEXT), None);
    }

    #[test]
    fn the_parts_of_a_dimension_have_one_length() {
        let nested = of(&json!([[1, 2], [3, 4]]), ColumnType::Int);
        assert_eq!(nested.as_deref(), Some(r#"{{"1","2"},{"3","4"}}"#));
        for uneven in [json!([[1], [2, 3]]), json!([[1], 2]), json!([1, [2]]), json!([[], []])] {
            assert_eq!(of(&uneven, ColumnType::Int), None, "{uneven}");
        }
        assert_eq!(of(&json!([[[[[[[1]]]]]]]), ColumnType::Int), None, "seven dimensions");
    }

    #[test]
    fn an_array_of_json_takes_arrays_as_elements() {
        let written = of(&json!([[1], {"a": 2}]), ColumnType::Jsonb);
        assert_eq!(written.as_deref(), Some(r#"{"[1]","{\"a\":2}"}"#));
    }
}

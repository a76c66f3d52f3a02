//! Quotes names for SQL.

/// A declared `name` or `schema.name`, quoted for SQL.
pub(crate) fn quote_name(name: &str) -> String {
    name.split('.').map(quote).collect::<Vec<_>>().join(".")
}

/// An identifier, quoted for SQL, whatever it contains.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

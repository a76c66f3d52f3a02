//! Names as SQL reads them.

/// `name` or `schema.name` of a declaration as SQL reads it.
pub(crate) fn quote_name(name: &str) -> String {
    name.split('.').map(quote).collect::<Vec<_>>().join(".")
}

/// An identifier as SQL reads it, whatever is in it.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

use std::collections::BTreeMap;

use l0_stage::Finding;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Pointer, TableKey, ValueOf};

/// `[sink.*.table]`: each document becomes one row in this table, and rows in its child tables.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Table {
    /// Name of the table, or `schema.name`.
    pub name: String,
    /// The column of the sequential id. The database generates its values.
    pub id: String,
    /// The column of the key, which identifies a document. Two messages with the same key are one
    /// document. A list such as `["tenant", "order_id"]` means that these columns form the key
    /// together.
    pub key: TableKey,
    /// The column that holds the payload, exactly as published or as `jsonb` keeps it. Without
    /// `document` the table keeps no documents. Two messages with the same key are then the same
    /// document if all their mapped values are equal.
    pub document: Option<String>,
    /// The column with the time of the commit, if the table has one. The database sets its values.
    pub stored: Option<String>,
    /// The mapped columns. Each is `column = "pointer"`, a JSON pointer into the document, or a
    /// value of the message such as `@published`.
    pub columns: BTreeMap<String, ValueOf>,
    /// Child tables, with one row per element of an array of the document.
    #[serde(default)]
    pub children: Vec<Child>,
}

/// `[[sink.*.table.children]]`: a child table, with one row per element of an array.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Child {
    /// Name of the child table.
    pub name: String,
    /// The column that holds the id of the document's row.
    pub parent: String,
    /// JSON pointer to the array. If the array is missing or `null`, the document has no rows in
    /// this table.
    pub each: Pointer,
    /// The mapped columns. Each is `column = "pointer"`, a JSON pointer into the element, or a
    /// value of the message such as `@published`.
    pub columns: BTreeMap<String, ValueOf>,
}

impl Table {
    /// Checks the declaration without a database. The keys of the findings are relative to the
    /// table's section.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        check_table_name("name", &self.name, &mut findings);
        let stored = self.stored.iter().map(|column| ("stored", column));
        let document = self.document.iter().map(|column| ("document", column));
        let own = [("id", &self.id)].into_iter().chain(document);
        for (key, column) in own.into_iter().chain(stored) {
            check_identifier(key, column, &mut findings);
        }
        check_columns("columns", &self.columns, &mut findings);
        findings.extend(self.check_key());
        for reserved in [&self.id].into_iter().chain(&self.document).chain(&self.stored) {
            if self.columns.contains_key(reserved) {
                let message = format!("`{reserved}` is filled automatically and cannot be mapped");
                findings.push(Finding::new(format!("columns.{reserved}"), message));
            }
        }
        for (at, child) in self.children.iter().enumerate() {
            let prefix = format!("children.{at}");
            check_table_name(&format!("{prefix}.name"), &child.name, &mut findings);
            check_identifier(&format!("{prefix}.parent"), &child.parent, &mut findings);
            check_columns(&format!("{prefix}.columns"), &child.columns, &mut findings);
        }
        findings
    }
}

fn check_columns(key: &str, columns: &BTreeMap<String, ValueOf>, findings: &mut Vec<Finding>) {
    if columns.is_empty() {
        findings.push(Finding::new(key, "no column is mapped"));
    }
    for column in columns.keys() {
        check_identifier(&format!("{key}.{column}"), column, findings);
    }
}

fn check_table_name(key: &str, name: &str, findings: &mut Vec<Finding>) {
    let mut parts = name.splitn(2, '.');
    if !parts.all(is_identifier) {
        let message = format!("`{name}` is not a table name");
        findings.push(Finding::new(key, message).help("write it as `name` or `schema.name`"));
    }
}

pub(crate) fn check_identifier(key: &str, name: &str, findings: &mut Vec<Finding>) {
    if !is_identifier(name) {
        let message = format!("`{name}` is not a column name");
        let help = "names are letters, digits and `_`, at most 63, not starting with a digit";
        findings.push(Finding::new(key, message).help(help));
    }
}

/// Whether every SQL database accepts the name. Statements quote names, so upper and lower case
/// differ.
pub(crate) fn is_identifier(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
    starts && name.len() <= 63 && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, key: &str) -> Table {
        let columns = BTreeMap::from([("uid".to_owned(), ValueOf::parse("/uid").unwrap())]);
        Table {
            name: name.into(),
            id: "id".into(),
            key: key.into(),
            document: Some("document".into()),
            stored: None,
            columns,
            children: vec![],
        }
    }

    #[test]
    fn names_that_would_need_quoting_are_refused_at_their_key() {
        assert!(table("orders", "uid").check().is_empty());
        assert!(table("shop.orders", "uid").check().is_empty());
        for name in ["orders; drop table x", "or\"ders", "", "1st", "a.b.c"] {
            assert_eq!(table(name, "uid").check()[0].key, "name", "{name}");
        }
    }

    #[test]
    fn the_column_of_the_commit_cannot_be_mapped() {
        let mut table = table("orders", "uid");
        table.stored = Some("stored_at".into());
        assert!(table.check().is_empty());
        table.columns.insert("stored_at".into(), ValueOf::parse("/at").unwrap());
        assert_eq!(table.check()[0].key, "columns.stored_at");
    }
}

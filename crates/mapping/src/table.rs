use std::collections::BTreeMap;

use l0_stage::Finding;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Pointer, TableKey, ValueOf};

/// `[sink.*.table]`: a document becomes one row in this table, and rows in its child tables.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Table {
    /// Name of the table, or `schema.name`.
    pub name: String,
    /// The column of the sequential id; the database gives its values.
    pub id: String,
    /// The column of the key, which identifies a document: two messages with the same key are one
    /// document. Or a list of columns, which identify it together: `["tenant", "order_id"]`.
    pub key: TableKey,
    /// The column that holds the payload: exactly as published, or as `jsonb` keeps it. Without it the
    /// table keeps no documents, and two messages with one key are the same if their values are.
    pub document: Option<String>,
    /// The column with the time of the commit, if there is one. The database gives its values.
    pub stored: Option<String>,
    /// Column = JSON pointer into the document, or a value of the message such as `@published`.
    pub columns: BTreeMap<String, ValueOf>,
    /// Tables with one row per element of an array of the document.
    #[serde(default)]
    pub children: Vec<Child>,
}

/// `[[sink.*.table.children]]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Child {
    /// Name of the table.
    pub name: String,
    /// The column that holds the parent's id.
    pub parent: String,
    /// Pointer to the array; missing or `null` means no rows.
    pub each: Pointer,
    /// Column = JSON pointer into the element, or a value of the message such as `@published`.
    pub columns: BTreeMap<String, ValueOf>,
}

impl Table {
    /// Checks the declaration without a database. The findings' keys are relative to the table's
    /// section.
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

/// Whether every SQL database accepts the name. Statements quote it, so upper and lower case
/// differ.
fn is_identifier(name: &str) -> bool {
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

//! Compares the declaration of a table with the catalog of the live database. The result is a
//! mapping or findings.

use std::collections::BTreeMap;

use l0_stage::Finding;

use crate::key_check;
use crate::misfits::Misfits;
use crate::{
    Catalog, CatalogColumn, CatalogTable, ChildMapping, Column, ColumnType, Mapping, Table, ValueOf,
};

impl Mapping {
    /// # Errors
    /// Findings about everything in the declaration that does not fit the database.
    pub fn new(table: &Table, catalog: &Catalog) -> Result<Self, Vec<Finding>> {
        let mut misfits = Misfits::default();
        let mapping = Self::compile(table, catalog, &mut misfits);
        let findings = misfits.into_findings();
        mapping.filter(|_| findings.is_empty()).ok_or(findings)
    }

    fn compile(table: &Table, catalog: &Catalog, findings: &mut Misfits) -> Option<Self> {
        let live = live_table(&table.name, "name", catalog, findings);
        let mut children = Vec::new();
        for (at, child) in table.children.iter().enumerate() {
            let prefix = format!("children.{at}.");
            let key = format!("{prefix}name");
            let Some(live) = live_table(&child.name, &key, catalog, findings) else {
                continue;
            };
            expect_column(live, &child.name, &child.parent, &format!("{prefix}parent"), findings);
            let columns = fit_columns(live, &child.name, &child.columns, &prefix, findings);
            check_required(live, &child.name, &child.columns, &[&child.parent], &prefix, findings);
            let (name, parent) = (child.name.clone(), child.parent.clone());
            children.push(ChildMapping { name, parent, each: child.each.clone(), columns });
        }
        let live = live?;
        let columns = fit_columns(live, &table.name, &table.columns, "", findings);
        check_required(
            live,
            &table.name,
            &table.columns,
            &[&table.id].into_iter().chain(&table.document).collect::<Vec<_>>(),
            "",
            findings,
        );
        key_check::check(live, table, findings);
        check_id(live, table, findings);
        check_stored(live, table, findings);
        let document = check_document(live, table, findings)?;
        let place = |name: &String| columns.iter().position(|column| column.name == *name);
        let key = table.key.columns().iter().map(place).collect::<Option<_>>()?;
        let fields = table.fields(catalog);
        Some(Self { table: table.clone(), columns, document, children, fields, key })
    }
}

fn live_table<'a>(
    name: &str,
    key: &str,
    catalog: &'a Catalog,
    findings: &mut Misfits,
) -> Option<&'a CatalogTable> {
    let live = catalog.0.get(name);
    if live.is_none() {
        let message = format!("table `{name}` not found in the database");
        findings
            .push(Finding::new(key, message).help("run `l0-runtime migrate`, or correct the name"));
    }
    if let Some(privilege) = live.and_then(CatalogTable::missing_privilege) {
        findings.push(denied(key, privilege, &format!("table `{name}`")));
    }
    live
}

fn expect_column<'a>(
    live: &'a CatalogTable,
    table: &str,
    column: &str,
    key: &str,
    findings: &mut Misfits,
) -> Option<&'a CatalogColumn> {
    let Some(found) = live.columns.get(column) else {
        findings.absent(live, table, column, key);
        return None;
    };
    let of_table = live.missing_privilege();
    if let Some(privilege) = found.missing_privilege.filter(|_| of_table.is_none()) {
        findings.push(denied(key, privilege, &format!("column `{table}.{column}`")));
    }
    Some(found)
}

fn denied(key: &str, privilege: &str, of: &str) -> Finding {
    let message = format!("no privilege to {privilege} {of}");
    Finding::new(key, message).help("run `l0-runtime migrate` to grant it")
}

fn fit_columns(
    live: &CatalogTable,
    table: &str,
    mapped: &BTreeMap<String, ValueOf>,
    prefix: &str,
    findings: &mut Misfits,
) -> Vec<Column> {
    let mut columns = Vec::with_capacity(mapped.len());
    for (name, value) in mapped {
        let key = format!("{prefix}columns.{name}");
        let Some(found) = expect_column(live, table, name, &key, findings) else {
            continue;
        };
        let column_type = match holds(found, value) {
            Ok(column_type) => column_type,
            Err((what, help)) => {
                let message = format!("column `{table}.{name}` {what}");
                findings.push(Finding::new(key, message).help(help));
                continue;
            }
        };
        columns.push(Column {
            name: name.clone(),
            value: value.clone(),
            column_type,
            detail: found.detail.clone(),
            declared: found.declared.clone(),
            default: found.default.clone(),
            required: found.required,
        });
    }
    columns
}

/// The type of a column for a mapped value. The error says why the column cannot hold the value,
/// and what to do.
fn holds(column: &CatalogColumn, value: &ValueOf) -> Result<ColumnType, (String, &'static str)> {
    if column.generated_always {
        let what = "gets its values from the database".to_owned();
        return Err((what, "remove it from the mapping"));
    }
    let Some(column_type) = column.column_type else {
        let (what, help) = column.detail.refused.unwrap_or((
            "cannot be mapped",
            "name another column, or change its type: `docs/types.md` has those that can",
        ));
        return Err((format!("is `{}`: {what}", column.declared), help));
    };
    match value {
        ValueOf::Message(metadata) if !metadata.suits(column_type) => {
            Err((format!("is `{}`: cannot hold `{metadata}`", column.declared), metadata.help()))
        }
        ValueOf::Document(part) => match part.misfit(column_type) {
            Some((what, help)) => Err((format!("{what}: it is `{}`", column.declared), help)),
            None => Ok(column_type),
        },
        ValueOf::Message(_) => Ok(column_type),
    }
}

fn check_required(
    live: &CatalogTable,
    table: &str,
    mapped: &BTreeMap<String, ValueOf>,
    filled: &[&String],
    prefix: &str,
    findings: &mut Misfits,
) {
    for (name, column) in &live.columns {
        if column.required && !mapped.contains_key(name) && !filled.contains(&name) {
            findings.unmapped(table, name, format!("{prefix}columns"));
        }
    }
}

fn check_id(live: &CatalogTable, table: &Table, findings: &mut Misfits) {
    let Some(column) = expect_column(live, &table.name, &table.id, "id", findings) else { return };
    let mut refuse = |what: String, help: &str| {
        let message = format!("id column `{}.{}` {what}", table.name, table.id);
        findings.push(Finding::new("id", message).help(help));
    };
    match column.column_type {
        Some(ColumnType::SmallInt | ColumnType::Int | ColumnType::BigInt) => {}
        _ => refuse(format!("is `{}`", column.declared), "use an integer column for the id"),
    }
    if column.required {
        refuse("gets no value from the database".to_owned(), "make it an identity column");
    }
}

fn check_stored(live: &CatalogTable, table: &Table, findings: &mut Misfits) {
    let Some(stored) = &table.stored else { return };
    let Some(column) = expect_column(live, &table.name, stored, "stored", findings) else { return };
    let mut refuse = |what: String, help: &str| {
        let message = format!("column `{}.{stored}` {what}", table.name);
        findings.push(Finding::new("stored", message).help(help));
    };
    let is_time =
        matches!(column.column_type, Some(ColumnType::Timestamp | ColumnType::LocalTimestamp));
    if !is_time {
        refuse(
            format!("is `{}`", column.declared),
            "use a timestamptz column for the time of the commit",
        );
    }
    if column.default.is_none() {
        let help = "give it the time of the insert as its default";
        refuse("gets no value from the database".to_owned(), help);
    }
}

/// The type of the document column. The inner `None` means that the table keeps no documents. The
/// outer `None` means that a finding was reported.
fn check_document(
    live: &CatalogTable,
    table: &Table,
    findings: &mut Misfits,
) -> Option<Option<ColumnType>> {
    let Some(document) = &table.document else { return Some(None) };
    let column = expect_column(live, &table.name, document, "document", findings)?;
    match column.column_type {
        Some(kept @ (ColumnType::Json | ColumnType::Jsonb | ColumnType::Text { max: None })) => {
            Some(Some(kept))
        }
        _ => {
            let message = format!("document column `{document}` is `{}`", column.declared);
            let help = "use `json` or `text`, which keep the document as published, or `jsonb`; or \
                        leave `document` out: then the table keeps no documents";
            findings.push(Finding::new("document", message).help(help));
            None
        }
    }
}

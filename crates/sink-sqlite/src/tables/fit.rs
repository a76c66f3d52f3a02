//! Checks whether the mapping fits the live tables.

use std::iter;

use l0_mapping::{Catalog, Mapping, Metadata, Table, ValueOf};
use l0_stage::{Error, Finding, Findings};
use rusqlite::Connection;

use super::{catalog, declared, ways};
use crate::link::code;

/// Returns the mapping that fits the live tables, and the tables. It also checks parts of the
/// tables that the mapping does not name.
pub(crate) fn map(connection: &Connection, table: &Table) -> Result<(Mapping, Catalog), Error> {
    let refused = |error| code::classify(error, "cannot read the catalog of sqlite");
    let catalog = catalog::read(connection, table).map_err(refused)?;
    let misfits = misfits(connection, table, &catalog).map_err(refused)?;
    match misfits.is_empty() {
        true => Ok((fit(table, &catalog)?, catalog)),
        false => Err(Error::mismatch(Findings(misfits))),
    }
}

/// The mapping that fits these tables.
pub(crate) fn fit(table: &Table, catalog: &Catalog) -> Result<Mapping, Error> {
    Mapping::new(table, catalog).map_err(|findings| {
        let advise = |finding| below_table(declared::advise(finding, table, catalog));
        Error::mismatch(Findings(findings.into_iter().map(advise).collect()))
    })
}

/// Returns a finding for everything in the live tables that does not fit the mapping.
pub(crate) fn misfits(
    connection: &Connection,
    table: &Table,
    catalog: &Catalog,
) -> rusqlite::Result<Vec<Finding>> {
    let letters = catalog::check_dead_letters(connection)?;
    let stored = catalog::check_stored(connection, table, catalog)?;
    let findings = Mapping::new(table, catalog).err().unwrap_or_default();
    let findings = findings.into_iter().chain(stored);
    let findings = findings.map(|finding| declared::advise(finding, table, catalog));
    let findings = findings.chain(replaced(connection, table)?);
    let findings = findings.chain(unrecognisable(connection, table)?);
    Ok(findings.map(below_table).chain(letters).collect())
}

/// A trigger may store something else than the message brought. If the table keeps neither the
/// document nor its digest, the sink cannot tell whether a message that is delivered again is the
/// same.
fn unrecognisable(connection: &Connection, table: &Table) -> rusqlite::Result<Option<Finding>> {
    let is_digest = |it: &ValueOf| *it == ValueOf::Message(Metadata::Digest);
    if table.document.is_some() || table.columns.values().any(is_digest) {
        return Ok(None);
    }
    let children = table.children.iter().map(|child| child.name.clone());
    let names: Vec<_> = iter::once(table.name.clone()).chain(children).collect();
    let has_trigger = ways::read(connection, &names)?.iter().any(|way| way.has_trigger);
    Ok(has_trigger.then(|| {
        let message = format!(
            "table `{}` or a child of it has a trigger for INSERT and keeps no document: what it stores \
             may differ from the message, so a message that is delivered again may be taken for another",
            table.name
        );
        let help = "name a `document` column, or map a text column to `@digest`";
        Finding::new("document", message).help(help)
    }))
}

/// Tables where a new row may delete another. `INSERT OR ABORT` would prevent that, but it would
/// also override the conflict clauses in the table's triggers.
fn replaced(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Finding>> {
    let children = table.children.iter().enumerate();
    let children = children.map(|(at, it)| (format!("children.{at}.name"), it.name.clone()));
    let (keys, names): (Vec<_>, Vec<_>) =
        iter::once(("name".to_owned(), table.name.clone())).chain(children).unzip();
    let ways = ways::read(connection, &names)?;
    let replacing = keys.into_iter().zip(names).zip(ways).filter(|(_, way)| way.replaces);
    let finding = |((key, name), _)| {
        let message = format!(
            "table `{name}` has a trigger and a constraint ON CONFLICT REPLACE: it would delete rows"
        );
        Finding::new(key, message).help("make the constraint ON CONFLICT ABORT, its default")
    };
    Ok(replacing.map(finding).collect())
}

/// The mapping's keys start at `[sink.sqlite.table]`, the sink's findings at its own section.
pub(crate) fn below_table(finding: Finding) -> Finding {
    finding.below("table")
}

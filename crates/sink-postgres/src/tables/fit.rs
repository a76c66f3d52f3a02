//! Checks whether the mapping fits the live tables.

use l0_mapping::{Mapping, Metadata, Table, ValueOf};
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Finding, Findings, Why};
use sqlx::postgres::PgConnection;

use super::catalog::{self, Live};
use super::rule_book::RuleBook;
use super::{hindrances, read_rules};
use crate::link::sqlstate;

/// A mapping, and the tables that it fits.
pub(super) struct Survey {
    pub mapping: Mapping,
    pub live: Live,
}

/// Checks whether the mapping fits the live tables, and whether anything else keeps all documents
/// out. `more` are findings of the caller, which are reported together with these.
pub(super) async fn survey(
    connection: &mut PgConnection,
    table: &Table,
    more: Option<Finding>,
) -> Result<Survey, Error> {
    let live = catalog::read(connection, table).await?;
    let others = hindrances::find(connection, table, &live.qualified).await;
    let mut others = others.map_err(unread)?;
    others.extend(more);
    let has_trigger = has_trigger(connection, table, &live).await.map_err(unread)?;
    others.extend(unrecognisable(table, has_trigger).map(|finding| finding.below("table")));
    match Mapping::new(table, &live.catalog) {
        Ok(mapping) if others.is_empty() => Ok(Survey { mapping, live }),
        mapping => {
            if let Some(schema) = closed_schema(connection).await.map_err(unread)? {
                let closed = format!("permission denied for schema {schema} (42501)");
                let closed = anyhow!("cannot read the catalog of postgres: {closed}");
                return Err(Error::retryable(Why::Denied, closed));
            }
            let would_fit = Mapping::new(table, &live.catalog.with_all_privileges()).is_ok();
            let why = if would_fit && others.is_empty() { Why::Denied } else { Why::Mismatch };
            let findings = below_table(mapping.err().unwrap_or_default());
            Err(Error::retryable(why, Findings(findings.into_iter().chain(others).collect())))
        }
    }
}

/// Whether an insert into any of the tables fires a trigger. The catalog is asked only if the
/// answer matters.
async fn has_trigger(
    connection: &mut PgConnection,
    table: &Table,
    live: &Live,
) -> Result<bool, sqlx::Error> {
    if live.has_trigger || table.document.is_some() {
        return Ok(live.has_trigger);
    }
    for qualified in live.qualified.values() {
        if catalog::has_trigger(connection, qualified).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A trigger may store something else than the message brought. If the table keeps neither the
/// document nor its digest, the sink cannot tell whether a message that is delivered again is the
/// same.
fn unrecognisable(table: &Table, has_trigger: bool) -> Option<Finding> {
    let is_digest = |it: &ValueOf| *it == ValueOf::Message(Metadata::Digest);
    let is_known = table.document.is_some() || table.columns.values().any(is_digest);
    (has_trigger && !is_known).then(|| {
        let message = format!(
            "table `{}` or a child of it has a trigger for INSERT and keeps no document: what it stores may differ \
             from the message, so a message that is delivered again may be taken for another",
            table.name
        );
        let help = "name a `document` column, or map a text column to `@digest`";
        Finding::new("document", message).help(help)
    })
}

/// The session's schema, if the role has no USAGE on it. To such a role, the tables of the schema
/// seem to be absent.
async fn closed_schema(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let closed =
        "SELECT nspname::text FROM pg_namespace WHERE nspname = current_setting('search_path')
                  AND NOT has_schema_privilege(oid, 'USAGE')";
    sqlx::query_scalar(closed).fetch_optional(connection).await
}

pub(super) async fn rules(
    connection: &mut PgConnection,
    mapping: &Mapping,
    live: &Live,
) -> Result<RuleBook, Error> {
    let rules = read_rules::read(connection, mapping, &live.qualified).await;
    Ok(RuleBook::new(rules.map_err(unread)?))
}

pub(crate) fn unread(error: sqlx::Error) -> Error {
    sqlstate::classify(error, "cannot read the catalog of postgres").error
}

/// The mapping's keys start at `[sink.postgres.table]`, the sink's findings at its own section.
pub(crate) fn below_table(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().map(|finding| finding.below("table")).collect()
}

//! Triggers and policies that a document may fail at, and sequences that will soon fail.

use l0_stage::doctor::Check;
use l0_stage::{Error, Finding};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row};

use super::failed::refused;
use super::topics;
use crate::tables::catalog::Live;
use crate::tables::quote::quote;

/// A sequence that has used this part of its numbers is reported.
const NEARLY: f64 = 0.8;

pub(super) async fn checks(
    connection: &mut PgConnection,
    live: &Live,
) -> Result<Vec<Check>, Error> {
    let names: Vec<String> = live.qualified.values().cloned().collect();
    let mut checks = vec![triggers(connection, &names).await?, policies(connection, &names).await?];
    checks.extend(sequences(connection, &names).await?);
    Ok(checks)
}

async fn named(
    connection: &mut PgConnection,
    text: &'static str,
    names: &[String],
) -> Result<Vec<String>, Error> {
    let found = sqlx::query_scalar::<_, String>(text).bind(names);
    found.fetch_all(connection).await.map_err(refused)
}

async fn triggers(connection: &mut PgConnection, names: &[String]) -> Result<Check, Error> {
    let text = "SELECT format('%s of %s', tgname, tgrelid::regclass) FROM pg_trigger
                WHERE tgrelid = ANY (SELECT to_regclass(name) FROM unnest($1) name)
                  AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 4 <> 0 ORDER BY 1";
    let found = named(connection, text, names).await?;
    let seen = match found.is_empty() {
        true => "none of the user's".to_owned(),
        false => format!(
            "{}: a document that one of them refuses or keeps out is given back, and buried after \
             three failures and a minute",
            found.join(", ")
        ),
    };
    Ok(topics::TRIGGERS.fine(seen))
}

/// Checks the policies. If none admits the role, the check of the mapping reports that.
async fn policies(connection: &mut PgConnection, names: &[String]) -> Result<Check, Error> {
    let text = "SELECT format('%s of %s', polname, polrelid::regclass) FROM pg_policy
                WHERE polrelid = ANY (SELECT to_regclass(name) FROM unnest($1) name)
                  AND row_security_active(polrelid) ORDER BY 1";
    let found = named(connection, text, names).await?;
    let seen = match found.is_empty() {
        true => "no row-level security for this role".to_owned(),
        false => format!(
            "row-level security by {}: a document that a policy refuses or hides is delivered again, and \
             becomes a dead letter after three failures over at least a minute",
            found.join(", ")
        ),
    };
    Ok(topics::POLICIES.fine(seen))
}

async fn sequences(connection: &mut PgConnection, names: &[String]) -> Result<Vec<Check>, Error> {
    let text = "SELECT t.oid::regclass::text AS table_name, a.attname::text AS column_name,
                s.oid::regclass::text AS sequence, q.seqincrement,
                CASE WHEN has_sequence_privilege(s.oid, 'USAGE, SELECT')
                     THEN pg_sequence_last_value(s.oid) END AS last,
                q.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767
                               WHEN 'int4'::regtype THEN 2147483647
                               ELSE 9223372036854775807 END AS largest,
                has_column_privilege(t.oid, a.attnum, 'SELECT') AND EXISTS (
                    SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum
                ) AS can_look
         FROM unnest($1) name JOIN pg_class t ON t.oid = to_regclass(name)
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
         JOIN pg_depend d ON
             d.classid = 'pg_class'::regclass AND d.deptype = 'i'
                 AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
             OR d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                 AND d.refclassid = 'pg_class'::regclass
         JOIN pg_class s ON s.relkind = 'S'
             AND s.oid = CASE d.classid WHEN 'pg_class'::regclass THEN d.objid ELSE d.refobjid END
         JOIN pg_sequence q ON q.seqrelid = s.oid WHERE q.seqincrement > 0 ORDER BY 1, 2";
    let found = sqlx::query(text).bind(names).fetch_all(&mut *connection).await.map_err(refused)?;
    let mut checks = Vec::new();
    for row in &found {
        checks.extend(behind(connection, row).await?);
        checks.extend(nearly_used_up(row).map_err(refused)?);
    }
    if checks.is_empty() {
        let seen = format!("ahead of their columns, with numbers left ({} looked at)", found.len());
        checks.push(topics::SEQUENCES.fine(seen));
    }
    Ok(checks)
}

/// Checks whether the sequence's next number is already taken. If it is, the database refuses every
/// document that draws it.
async fn behind(connection: &mut PgConnection, row: &PgRow) -> Result<Option<Check>, Error> {
    let text = |name| row.try_get::<String, _>(name).map_err(refused);
    let number = |name| row.try_get::<Option<i64>, _>(name).map_err(refused);
    if !row.try_get::<bool, _>("can_look").map_err(refused)? {
        return Ok(None);
    }
    let (table, column, sequence) = (text("table_name")?, text("column_name")?, text("sequence")?);
    let largest = format!("SELECT max({})::bigint FROM {table}", quote(&column));
    let largest = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(largest));
    let largest = largest.fetch_one(connection).await.map_err(refused)?;
    let increment = number("seqincrement")?.unwrap_or(1);
    let next = number("last")?.map(|last| last.saturating_add(increment));
    let Some(largest) = largest else { return Ok(None) };
    let help = format!("SELECT setval('{}', {largest})", sequence.replace('\'', "''"));
    let place = format!("the sequence of `{table}.{column}`");
    let finding = |message| Finding::new("table.name", message).help(help);
    Ok(match next {
        Some(next) if next <= largest => Some(topics::SEQUENCES.trouble(finding(format!(
            "{place} is behind its column: it gives {next} next, and {largest} is taken"
        )))),
        Some(_) => None,
        // A role that has only USAGE on the sequence cannot see at which number the sequence
        // restarts.
        None => Some(topics::SEQUENCES.warning(finding(format!(
            "{place} was restarted, and {largest} is taken: it may be behind"
        )))),
    })
}

#[expect(clippy::cast_precision_loss, reason = "compared roughly")]
fn nearly_used_up(row: &PgRow) -> Result<Option<Check>, sqlx::Error> {
    let (of_sequence, of_column): (i64, i64) = (row.try_get("seqmax")?, row.try_get("largest")?);
    let (last, most) = (row.try_get::<Option<i64>, _>("last")?, of_sequence.min(of_column));
    let Some(last) = last.filter(|last| *last as f64 >= most as f64 * NEARLY) else {
        return Ok(None);
    };
    let (table, column): (String, String) =
        (row.try_get("table_name")?, row.try_get("column_name")?);
    let message = format!(
        "the sequence of `{table}.{column}` is at {last} of {most}: then nothing is stored"
    );
    let sequence: String = row.try_get("sequence")?;
    let widen = format!("ALTER TABLE {table} ALTER COLUMN {} TYPE bigint", quote(&column));
    let help = match (of_column == i64::MAX, of_sequence == i64::MAX) {
        (true, _) => format!("ALTER SEQUENCE {sequence} AS bigint NO MAXVALUE"),
        (false, true) => widen,
        (false, false) => format!("{widen}; ALTER SEQUENCE {sequence} AS bigint"),
    };
    Ok(Some(topics::SEQUENCES.warning(Finding::new("table.name", message).help(help))))
}

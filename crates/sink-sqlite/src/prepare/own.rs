//! The migrations of our own table, apart from the user's folder. They are applied to any
//! earlier shape of the table, so it is not recorded which ones were.

use rusqlite::Connection;

use crate::tables::catalog::quote;

const TABLE: &str = include_str!("../../migrations/0001_dead_letters.sql");
const BY_PIPELINE: &str = include_str!("../../migrations/0002_letters_by_pipeline.sql");
const REPLACE: &str = include_str!("../../migrations/0003_replace_dead_letters.sql");

/// What [`apply`] does, for the operator.
pub(crate) const NAME: &str = "our migration letters_by_pipeline";

/// A hint for the operator, who would otherwise not see letters that belong to no pipeline.
const FROM_BEFORE: &str = "some letters were buried before letters belonged to a pipeline: \
    `l0-runtime dlq list --pipeline ''` lists them";

/// The lines to report after [`apply`].
pub(crate) fn steps(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let from_before =
        connection.prepare("SELECT 1 FROM dead_letters WHERE pipeline = ''")?.exists([])?;
    let steps = [NAME].into_iter().chain(from_before.then_some(FROM_BEFORE));
    Ok(steps.map(str::to_owned).collect())
}

/// Whether the table of dead letters does not have the shape of this version yet. Only reads.
pub(crate) fn is_pending(connection: &Connection) -> rusqlite::Result<bool> {
    let has_pipeline =
        "SELECT count(*) FROM pragma_table_info('dead_letters') WHERE name = 'pipeline'";
    connection.query_row(has_pipeline, [], |row| Ok(row.get::<_, i64>(0)? == 0))
}

/// Changes the table of dead letters to the shape of this version, within a transaction of the
/// caller.
pub(crate) fn apply(connection: &Connection) -> rusqlite::Result<()> {
    if !is_pending(connection)? {
        return Ok(());
    }
    connection.execute_batch(TABLE)?;
    let others = others(connection)?;
    connection.execute_batch(BY_PIPELINE)?;
    carry_columns(connection)?;
    // With this setting, SQLite accepts that the user's views name the table while it does not
    // exist.
    connection.pragma_update(None, "legacy_alter_table", true)?;
    let replaced = connection.execute_batch(REPLACE);
    connection.pragma_update(None, "legacy_alter_table", false)?;
    replaced?;
    others.iter().try_for_each(|sql| connection.execute_batch(sql))
}

/// The indexes and triggers that other programs created on the table. They are dropped with the old
/// table and created again. An index that made letters unique across all pipelines is not created
/// again.
fn others(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT sql FROM sqlite_schema s
         WHERE tbl_name = 'dead_letters' AND type IN ('index', 'trigger') AND sql IS NOT NULL
           AND name NOT IN ('dead_letters_waiting', 'dead_letters_document_key')
           AND NOT EXISTS (
               SELECT 1 FROM pragma_index_list('dead_letters') l
               WHERE l.name = s.name AND l.\"unique\"
                 AND (SELECT group_concat(i.name) FROM pragma_index_info(l.name) i) = 'letter_key')
         ORDER BY rowid",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Adds the columns that other programs had added.
fn carry_columns(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT name, type, dflt_value FROM pragma_table_info('dead_letters')
         WHERE name NOT IN (SELECT name FROM pragma_table_info('dead_letters_by_pipeline'))",
    )?;
    let added = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
    })?;
    for column in added.collect::<rusqlite::Result<Vec<_>>>()? {
        let (name, declared, default) = column;
        let (name, default) = (quote(&name), default.map(|default| format!("DEFAULT {default}")));
        connection.execute_batch(&format!(
            "ALTER TABLE dead_letters_by_pipeline ADD COLUMN {name} {declared} {};
             UPDATE dead_letters_by_pipeline AS moved
                 SET {name} = (SELECT {name} FROM dead_letters WHERE id = moved.id)",
            default.unwrap_or_default()
        ))?;
    }
    Ok(())
}

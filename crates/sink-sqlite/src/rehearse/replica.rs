//! A database in memory with the tables of a file, without their rows.

use rusqlite::Connection;
use rusqlite::types::ToSqlOutput;

/// Opens a database in memory. Foreign keys are off, because the tables that documents refer to are
/// empty.
pub(super) fn in_memory() -> rusqlite::Result<Connection> {
    let memory = Connection::open_in_memory()?;
    memory.pragma_update(None, "foreign_keys", false)?;
    Ok(memory)
}

/// Copies the tables of a file without their rows, and the record of its migrations.
pub(super) fn copy(file: &Connection, memory: &Connection) -> rusqlite::Result<()> {
    for statement in made(file)? {
        memory.execute_batch(&statement)?;
    }
    if !file.table_exists(None, "l0_migrations")? {
        return Ok(());
    }
    let mut applied =
        file.prepare("SELECT version, name, checksum, applied_at FROM l0_migrations")?;
    let mut applied = applied.query([])?;
    let mut insert = memory.prepare("INSERT INTO l0_migrations VALUES (?, ?, ?, ?)")?;
    while let Some(row) = applied.next()? {
        for at in 0..4 {
            insert.raw_bind_parameter(at + 1, ToSqlOutput::Borrowed(row.get_ref(at)?))?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// The statements that create the tables, indexes, views and triggers of a database, without those
/// that SQLite creates itself.
pub(super) fn made(database: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = database.prepare(
        "SELECT sql FROM sqlite_schema
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
         ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END,
                  rowid",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Creates the tables, without rows.
pub(super) fn make(made: &[String]) -> rusqlite::Result<Connection> {
    let memory = in_memory()?;
    made.iter().try_for_each(|statement| memory.execute_batch(statement))?;
    Ok(memory)
}

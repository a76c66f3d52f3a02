//! Reads the user's migrations and applies them.

use std::collections::BTreeMap;
use std::path::Path;

use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, Finding, Findings};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::own;
use crate::link::{code, moment};

const APPLIED: &str = "CREATE TABLE IF NOT EXISTS l0_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT           NOT NULL,
    checksum   BLOB           NOT NULL,
    applied_at TIMESTAMP_TEXT NOT NULL
)";

/// A file of SQL, for example `0001_orders.sql`.
pub(crate) struct Migration {
    name: String,
    sql: String,
    checksum: [u8; 32],
}

/// Migrations by their version.
pub(crate) type Migrations = BTreeMap<i64, Migration>;

/// Reads the migrations of a folder.
pub(crate) fn read(folder: &Path) -> Result<Migrations, Finding> {
    let refuse = |message: String, help: &str| Finding::new("migrations", message).help(help);
    let unreadable = |path: &Path, error| {
        refuse(
            format!("cannot read `{}`: {error}", path.display()),
            "name the folder that holds them",
        )
    };
    let mut migrations = Migrations::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let Some((version, name)) = split(&stem) else {
            let message = format!("file `{}` has no version", path.display());
            return Err(refuse(message, "name it like `0001_orders.sql`"));
        };
        let sql = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let checksum = Sha256::digest(&sql).into();
        let migration = Migration { name: name.to_owned(), sql, checksum };
        if migrations.insert(version, migration).is_some() {
            let message = format!("two files of `{}` have version {version}", folder.display());
            return Err(refuse(message, "give one of them another"));
        }
    }
    Ok(migrations)
}

fn split(stem: &str) -> Option<(i64, &str)> {
    let (version, name) = stem.split_once('_')?;
    Some((version.parse().ok()?, name))
}

/// Applies the migrations that the database does not have yet, and then our own: all of them, or
/// none. Returns one line for each migration that it has now.
///
/// It runs in a transaction that holds the write lock, because two instances may start on a new
/// file at the same time.
pub(crate) fn apply(
    connection: &mut Connection,
    migrations: &Migrations,
) -> Result<Vec<String>, Error> {
    let refused = |error| code::classify(error, "cannot migrate the sqlite database");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = transaction.map_err(refused)?;
    let applied = read_applied(&transaction).map_err(refused)?;
    check(&applied, migrations).map_err(|finding| Error::mismatch(Findings(vec![finding])))?;
    for (version, migration) in
        migrations.iter().filter(|(version, _)| !applied.contains_key(version))
    {
        let failed = format!("cannot apply migration {version} {}", migration.name);
        let done = apply_one(&transaction, *version, migration);
        done.map_err(|error| code::classify(error, &failed))?;
    }
    let failed = format!("cannot apply {}", own::NAME);
    let own = own::apply(&transaction).and_then(|()| own::steps(&transaction));
    let own = own.map_err(|error| code::classify(error, &failed))?;
    transaction.commit().map_err(refused)?;
    let named = migrations.iter().map(|(version, it)| format!("migration {version} {}", it.name));
    Ok(named.chain(own).collect())
}

/// The migrations that the database does not have yet. This function only reads.
pub(crate) fn pending(
    connection: &Connection,
    migrations: &Migrations,
) -> Result<Vec<String>, Error> {
    let refused = |error| code::classify(error, "cannot read the applied migrations");
    let exists = connection.table_exists(None, "l0_migrations").map_err(refused)?;
    let applied = match exists {
        true => select_applied(connection).map_err(refused)?,
        false => Applied::new(),
    };
    check(&applied, migrations).map_err(|finding| Error::mismatch(Findings(vec![finding])))?;
    let missing = migrations.iter().filter(|(version, _)| !applied.contains_key(version));
    let missing = missing.map(|(version, it)| format!("migration {version} {}", it.name));
    let own = own::is_pending(connection).map_err(refused)?.then(|| own::NAME.to_owned());
    Ok(missing.chain(own).collect())
}

/// The applied migrations: name and checksum by version.
type Applied = BTreeMap<i64, (String, [u8; 32])>;

fn read_applied(transaction: &Transaction<'_>) -> rusqlite::Result<Applied> {
    transaction.execute(APPLIED, [])?;
    select_applied(transaction)
}

fn select_applied(connection: &Connection) -> rusqlite::Result<Applied> {
    let mut rows = connection.prepare("SELECT version, name, checksum FROM l0_migrations")?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    rows.collect()
}

fn check(applied: &Applied, migrations: &Migrations) -> Result<(), Finding> {
    // A folder without migrations is that of tables that others made, perhaps by the same means.
    if migrations.is_empty() {
        return Ok(());
    }
    for (version, (name, checksum)) in applied {
        let what = match migrations.get(version) {
            Some(migration) if migration.checksum == *checksum => continue,
            Some(_) => "was changed after it had been applied",
            None => "was applied, but is not in the folder",
        };
        let message = format!("migration {version} {name} {what}");
        let help = "restore the file; change the tables by another migration";
        return Err(Finding::new("migrations", message).help(help));
    }
    Ok(())
}

fn apply_one(
    transaction: &Transaction<'_>,
    version: i64,
    migration: &Migration,
) -> rusqlite::Result<()> {
    transaction.execute_batch(&migration.sql)?;
    let now = moment::text(OffsetDateTime::now_utc());
    let Migration { name, checksum, .. } = migration;
    let note =
        "INSERT INTO l0_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)";
    transaction.execute(note, params![version, name, checksum, now]).map(|_| ())
}

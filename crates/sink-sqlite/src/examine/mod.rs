//! `l0-runtime doctor`: checks whether a connect and the work after it would succeed. Changes
//! nothing: pending migrations are applied to a copy in memory.

mod place;
mod tables;
mod topics;

use std::time::Duration;

use l0_mapping::Table;
use l0_stage::doctor::{Check, Condition, Examination};
use l0_stage::{Context, Error, Finding};
use rusqlite::Connection;

use crate::SqliteConfig;
use crate::link::connect::Opener;
use crate::link::slot::ANSWER;
use crate::link::{code, job};
use crate::prepare::migrate::{self, Migrations};
use crate::tables::fit::{below_table, misfits};

/// Longest examination of the file.
const LOOK: Duration = Duration::from_secs(20);
const LOOKING: &str = "cannot look at the sqlite database";

pub(crate) async fn examine(config: &SqliteConfig, context: &Context) -> Examination {
    let path = context.path(&config.path);
    let mut checks = place::checks(&path);
    let longest_call = Some(ANSWER);
    if checks.iter().any(|check| matches!(check.condition, Condition::Trouble(_))) {
        // Examining the file would fail for the same reason, so the examination ends here.
        return Examination { checks, longest_call, ..Examination::default() };
    }
    let mut fields = None;
    let prepared = config.prepare(context);
    let looked = match prepared {
        Ok((opener, migrations)) => {
            let table = config.table.clone();
            let exists = path.exists();
            let look = move || look(&opener, &migrations, &table, exists);
            job::run(LOOKING, LOOK, look).await
        }
        Err(error) => Err(error),
    };
    match looked {
        Ok(found) => {
            checks.extend(found.checks);
            fields = found.fields;
        }
        Err(error) => {
            let help = "repair the file, or name another in `path`";
            checks.extend(topics::FILE.failed(&error, |_| ("path", help)));
        }
    }
    Examination { checks, fields, longest_call, ..Examination::default() }
}

/// Blocks the thread.
fn look(
    opener: &Opener,
    migrations: &Migrations,
    table: &Table,
    exists: bool,
) -> Result<Examination, Error> {
    let refused = |error| code::classify(error, LOOKING);
    if !exists {
        let mut memory = Connection::open_in_memory().map_err(refused)?;
        migrate::apply(&mut memory, migrations)?;
        let file = topics::FILE.fine("does not exist yet: `run` creates it");
        return mapping(&memory, table, vec![file]);
    }
    let opened = opener.reading()?;
    let mode: String = opened
        .connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(refused)?;
    let file = match mode.as_str() {
        "wal" => topics::FILE.fine("has a write-ahead log, each commit is synced"),
        mode => topics::FILE.fine(format!("journal mode {mode}: `run` makes it a write-ahead log")),
    };
    let pending = migrate::pending(&opened.connection, migrations)?;
    if !pending.is_empty() {
        let seen = format!("`run` will apply {}: the mapping is checked then", pending.join(", "));
        return Ok(vec![file, topics::MIGRATIONS.fine(seen)].into());
    }
    let migrations = topics::MIGRATIONS.fine("all are applied");
    mapping(&opened.connection, table, vec![file, migrations])
}

fn mapping(
    connection: &Connection,
    table: &Table,
    mut checks: Vec<Check>,
) -> Result<Examination, Error> {
    let refused = |error| code::classify(error, LOOKING);
    let catalog = crate::tables::catalog::read(connection, table).map_err(refused)?;
    let misfits = misfits(connection, table, &catalog).map_err(refused)?;
    let fields = catalog.0.contains_key(&table.name).then(|| table.fields(&catalog));
    let fields = fields.map(|fields| fields.into_iter().map(|field| field.name).collect());
    checks.extend(
        topics::MAPPING.troubles(misfits, || {
            format!("{} columns of `{}` fit", table.columns.len(), table.name)
        }),
    );
    let below = |findings: Vec<Finding>| findings.into_iter().map(below_table).collect();
    let narrow = below(table.narrow_numbers(&catalog));
    checks.extend(topics::NUMBERS.warnings(narrow, || "kept digit for digit".to_owned()));
    let unindexed = below(table.unindexed_parents(&catalog, "CREATE INDEX"));
    checks.extend(topics::INDEXES.warnings(unindexed, || match table.children.len() {
        0 => "nothing needs one beside the key".to_owned(),
        _ => "of each child's parent column".to_owned(),
    }));
    checks.extend(tables::checks(connection, table).map_err(refused)?);
    Ok(Examination { checks, fields, ..Examination::default() })
}

//! `l0-runtime doctor`: whether a connect and the work after it would go well. Nothing is changed:
//! what migrations would make is tried in memory.

use std::path::Path;
use std::time::Duration;

use l0_mapping::Table;
use l0_stage::{Check, Context, Error, Examination, Finding, in_units};
use rusqlite::Connection;
use rustix::fs::{Access, FsWord};

use crate::connect::Opener;
use crate::migrate::{self, Migrations};
use crate::sink::{below_table, misfits};
use crate::slot::ANSWER;
use crate::{SqliteConfig, code, job};

/// A file system with less room than this is nearly full.
const LITTLE_ROOM: u64 = 1 << 30;
/// Longest look at the file.
const LOOK: Duration = Duration::from_secs(20);
const LOOKING: &str = "cannot look at the sqlite database";

/// File systems that share no memory between machines, which a write-ahead log needs: NFS, SMB, CIFS.
/// Their numbers: `linux/magic.h`.
const NETWORK: [FsWord; 3] = [0x6969, 0xfe53_4d42, 0xff53_4d42];

pub(crate) async fn examine(config: &SqliteConfig, context: &Context) -> Examination {
    let path = context.path(&config.path);
    let mut checks = place(&path);
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
            let help = "mend the file, or name another in `path`";
            checks.extend(Check::failed("file", &error, |_| ("path", help)));
        }
    }
    Examination { checks, fields, longest_call: Some(ANSWER), ..Examination::default() }
}

/// Where the file is, or will be.
fn place(path: &Path) -> Vec<Check> {
    // That the folder is there was found before.
    let folder = path.parent().unwrap_or(path);
    let shown = folder.display();
    let writable = rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK);
    let mut findings = Vec::new();
    if let Err(error) = writable {
        let message = format!("folder `{shown}` cannot be written to: {error}");
        let help = "the write-ahead log lies beside the file: let this user write there";
        findings.push(Finding::new("path", message).help(help));
    } else if path.exists()
        && let Err(error) = rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK)
    {
        let message = format!("file `{}` cannot be written to: {error}", path.display());
        findings.push(Finding::new("path", message).help("let this user read and write it"));
    }
    let seen = || format!("`{shown}` can be written to");
    let mut checks = Check::troubles("folder", findings, seen);
    checks.extend(file_system(folder));
    checks
}

fn file_system(folder: &Path) -> Vec<Check> {
    let mut checks = Vec::new();
    let is_network = rustix::fs::statfs(folder).is_ok_and(|it| NETWORK.contains(&it.f_type));
    if is_network {
        let message = format!("`{}` is on a network file system", folder.display());
        let help = "put the file on a disk of this machine: others cannot share a write-ahead log";
        checks.push(Check::warning("file system", Finding::new("path", message).help(help)));
    }
    if let Ok(room) = rustix::fs::statvfs(folder) {
        let free = room.f_bavail.saturating_mul(room.f_frsize);
        let seen = format!("{} free", in_units(free));
        checks.push(if free < LITTLE_ROOM {
            let help = "make room: a full disk stops the pipeline, and loses nothing";
            let message = format!("{seen} in `{}`", folder.display());
            Check::warning("disk", Finding::new("path", message).help(help))
        } else {
            Check::fine("disk", seen)
        });
    }
    checks
}

/// Blocks.
fn look(
    opener: &Opener,
    migrations: &Migrations,
    table: &Table,
    exists: bool,
) -> Result<Examination, Error> {
    let refused = |error| code::classify(error, LOOKING, None);
    if !exists {
        let mut memory = Connection::open_in_memory().map_err(refused)?;
        migrate::apply(&mut memory, migrations)?;
        let file = Check::fine("file", "is not there yet: `run` makes it");
        return mapping(&memory, table, vec![file]);
    }
    let opened = opener.reading()?;
    let mode: String = opened
        .connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(refused)?;
    let file = match mode.as_str() {
        "wal" => Check::fine("file", "has a write-ahead log, each commit is synced"),
        mode => {
            Check::fine("file", format!("journal mode {mode}: `run` makes it a write-ahead log"))
        }
    };
    let pending = migrate::pending(&opened.connection, migrations)?;
    if !pending.is_empty() {
        let seen =
            format!("{} to be applied by `run`: the mapping is checked then", pending.join(", "));
        return Ok(vec![file, Check::fine("migrations", seen)].into());
    }
    let migrations = Check::fine("migrations", "all are applied");
    mapping(&opened.connection, table, vec![file, migrations])
}

fn mapping(
    connection: &Connection,
    table: &Table,
    mut checks: Vec<Check>,
) -> Result<Examination, Error> {
    let refused = |error| code::classify(error, LOOKING, None);
    let catalog = crate::catalog::read(connection, table).map_err(refused)?;
    let misfits = misfits(connection, table, &catalog).map_err(refused)?;
    let fields = catalog.0.contains_key(&table.name).then(|| table.fields(&catalog));
    let fields = fields.map(|fields| fields.into_iter().map(|field| field.name).collect());
    checks.extend(Check::troubles("mapping", misfits, || {
        format!("{} columns of `{}` fit", table.columns.len(), table.name)
    }));
    let below = |findings: Vec<Finding>| findings.into_iter().map(below_table).collect();
    let narrow = below(table.narrow_numbers(&catalog));
    checks.extend(Check::warnings("numbers", narrow, || "kept digit for digit".to_owned()));
    let unindexed = below(table.unindexed_parents(&catalog));
    checks.extend(Check::warnings("indexes", unindexed, || match table.children.len() {
        0 => "nothing needs one beside the key".to_owned(),
        _ => "of each child's parent column".to_owned(),
    }));
    Ok(Examination { checks, fields, ..Examination::default() })
}

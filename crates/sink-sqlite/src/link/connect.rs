//! Opens connections to the database file.

use std::fs;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Why};
use rusqlite::{Connection, OpenFlags};

use super::code;

/// Longest wait for another connection's transaction. It is shorter than
/// [`crate::link::slot::ANSWER`], so that SQLite gives up first and reports why.
const BUSY: Duration = Duration::from_secs(5);
/// Longest wait of a reader for another connection's transaction. It is shorter than [`BUSY`],
/// because a person waits for the reader.
const READER_BUSY: Duration = Duration::from_secs(2);

/// A connection, and the file that its path meant when it was opened.
pub(crate) struct Opened {
    pub connection: Connection,
    pub file: Option<Identity>,
}

/// The device, the inode, and the time of creation. An inode is used again after its file was
/// deleted.
pub(crate) type Identity = (u64, u64, Option<SystemTime>);

/// Opens connections to one database file.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    path: PathBuf,
}

impl Opener {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// A connection that writes. If the file does not exist, it is created, with access for its
    /// owner only.
    pub fn create(&self) -> Result<Opened, Error> {
        self.make_private();
        self.writing(OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Creates the file with access for its owner only. SQLite gives the write-ahead log and its
    /// index the same mode. A failure is reported when the file is opened.
    fn make_private(&self) {
        let mut options = fs::OpenOptions::new();
        let _ = options.write(true).create_new(true).mode(0o600).open(&self.path);
    }

    /// A connection that writes to an existing file. A missing file is not created again. Its
    /// documents are missing too, so the error must tell a person.
    pub fn reopen(&self) -> Result<Opened, Error> {
        self.writing(OpenFlags::empty())
    }

    fn writing(&self, flags: OpenFlags) -> Result<Opened, Error> {
        let connection = self.open(flags | OpenFlags::SQLITE_OPEN_READ_WRITE, BUSY);
        let opened = connection.and_then(|connection| {
            let name = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
            let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", name)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            Ok((connection, mode))
        });
        let (connection, mode) = opened.map_err(|error| self.refused(error))?;
        check_journal(&self.path, &mode)?;
        Ok(self.opened(connection))
    }

    /// Whether the file exists.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// A connection that can only read.
    pub fn reading(&self) -> Result<Opened, Error> {
        let connection = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY, READER_BUSY);
        connection.map(|it| self.opened(it)).map_err(|error| self.refused(error))
    }

    fn opened(&self, connection: Connection) -> Opened {
        Opened { connection, file: self.identity() }
    }

    /// Whether the path still means the file of this connection. SQLite goes on writing to a
    /// deleted or replaced file, and those commits are lost.
    pub fn is_current(&self, opened: &Opened) -> bool {
        opened.file.is_some() && opened.file == self.identity()
    }

    pub fn identity(&self) -> Option<Identity> {
        let file = fs::metadata(&self.path).ok()?;
        Some((file.dev(), file.ino(), file.created().ok()))
    }

    fn open(&self, flags: OpenFlags, busy: Duration) -> rusqlite::Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(busy)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(connection)
    }

    /// The error for a file that cannot be opened or read.
    pub fn refused(&self, error: rusqlite::Error) -> Error {
        let path = self.path.display();
        let failed = match code::refusal(&error) {
            Some((code::NOTADB, _)) => format!("file `{path}` is not a sqlite database"),
            _ => format!("cannot open sqlite database `{path}`"),
        };
        code::classify(error, &failed)
    }
}

/// Checks that SQLite uses the journal mode. If SQLite cannot use a mode, it reports no error and
/// keeps another.
fn check_journal(path: &Path, mode: &str) -> Result<(), Error> {
    if mode == "wal" {
        return Ok(());
    }
    let cause = anyhow!(
        "the journal mode of the file stays `{mode}` instead of `wal`: is it on a network file system?"
    );
    let failed = format!("sqlite database `{}` cannot have a write-ahead log", path.display());
    Err(Error::retryable(Why::Mismatch, cause.context(failed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_without_a_write_ahead_log_is_refused_by_name() {
        assert!(check_journal(Path::new("/d/orders.db"), "wal").is_ok());
        let error = check_journal(Path::new("/d/orders.db"), "delete").unwrap_err();
        assert!(matches!(error, Error::Retryable { why: Why::Mismatch, .. }));
        assert!(error.headline().contains("`/d/orders.db`"), "{error}");
    }
}

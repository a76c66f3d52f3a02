//! A file that grows by whole records: what [`Journal::append`] has returned for is on the disk, and what it
//! has failed for leaves no trace.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, ErrorKind, Write as _};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use l0_stage::anyhow::{Context as _, anyhow};
use l0_stage::{Error, Finding, Findings, Why};

use crate::csv::is_whole;

pub(crate) struct Journal {
    name: String,
    file: File,
    /// The bytes of the records that are on the disk.
    length: u64,
    /// Behind them may be a part of a write that failed.
    is_torn: bool,
}

impl Journal {
    /// Opens the file or makes it, for this process alone. Moves what a kill has left of a last record to
    /// another file, and calls `each` with every record below the header.
    pub fn open(
        path: &Path,
        key: &str,
        header: &[u8],
        mut each: impl FnMut(Range<u64>, &[u8]) -> bool,
    ) -> Result<Self, Error> {
        let name = path.display().to_string();
        let opened = open(path).map_err(|error| failure(&name, "open", error))?;
        let mut journal = Self { name, file: opened, length: 0, is_torn: true };
        journal.lock()?;
        let wrong = |what: String| {
            let help = "move the file away, or name another one";
            Error::mismatch(Findings(vec![Finding::new(key, what).help(help)]))
        };
        let mut input = BufReader::new(&journal.file);
        while let Some(record) = next(&mut input).map_err(|error| journal.failed("read", error))? {
            let start = journal.length;
            let place = start..start + record.len() as u64;
            if start == 0 && !header.starts_with(&record) {
                return Err(wrong(format!("`{}` has other columns", journal.name)));
            }
            if !is_whole(&record) {
                let moved = keep_torn(path, &record);
                moved.map_err(|error| journal.failed("move the torn end of", error))?;
                break;
            }
            if start > 0 && !each(place.clone(), &record) {
                let name = &journal.name;
                return Err(wrong(format!("`{name}` is damaged: not a row at byte {start}")));
            }
            journal.length = place.end;
        }
        journal.cut().map_err(|error| journal.failed("cut", error))?;
        if journal.length == 0 {
            journal.append(header)?;
        }
        Ok(journal)
    }

    /// Appends whole records and returns where they begin.
    pub fn append(&mut self, records: &[u8]) -> Result<u64, Error> {
        let start = self.length;
        if let Err(error) = self.try_append(records) {
            // What cannot be cut now is cut before the next write.
            let _ = self.cut();
            return Err(self.failed("write", error));
        }
        self.length += records.len() as u64;
        Ok(start)
    }

    /// The bytes of one record.
    pub fn read(&self, place: &Range<u64>) -> Result<Vec<u8>, Error> {
        let mut record =
            vec![0; usize::try_from(place.end - place.start).map_err(Error::permanent)?];
        let read = self.file.read_exact_at(&mut record, place.start);
        read.map(|()| record).map_err(|error| self.failed("read", error))
    }

    fn try_append(&mut self, records: &[u8]) -> io::Result<()> {
        self.cut()?;
        if records.is_empty() {
            return Ok(());
        }
        self.is_torn = true;
        self.file.write_all_at(records, self.length)?;
        self.file.sync_data()?;
        self.is_torn = false;
        Ok(())
    }

    fn cut(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.length)?;
            self.is_torn = false;
        }
        Ok(())
    }

    /// Two processes that append to one file would write over each other.
    fn lock(&self) -> Result<(), Error> {
        match self.file.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => {
                let error = anyhow!("another instance has `{}` open", self.name);
                Err(Error::retryable(Why::Contended, error))
            }
            Err(TryLockError::Error(error)) => Err(self.failed("lock", error)),
        }
    }

    fn failed(&self, verb: &str, error: io::Error) -> Error {
        failure(&self.name, verb, error)
    }
}

/// A new file is on the disk only after its folder is.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(file)
}

/// What looks torn may be a row that a person has damaged: it is moved, not deleted.
fn keep_torn(path: &Path, record: &[u8]) -> io::Result<()> {
    let torn = path.with_added_extension("torn");
    let mut torn = OpenOptions::new().create(true).append(true).open(torn)?;
    torn.write_all(record)?;
    torn.sync_all()
}

/// The next record, whole or torn; `None` at the end.
fn next(input: &mut impl io::BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut record = Vec::new();
    while input.read_until(b'\n', &mut record)? > 0 && !is_whole(&record) {}
    Ok(Some(record).filter(|record| !record.is_empty()))
}

/// A disk can heal: none of this stops the pipeline.
fn failure(name: &str, verb: &str, error: io::Error) -> Error {
    let why = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Why::Full,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Why::Denied,
        ErrorKind::NotFound => Why::Mismatch,
        _ => Why::Unclassified,
    };
    let told = Err::<(), _>(error).with_context(|| format!("cannot {verb} `{name}`"));
    Error::retryable(why, told.err().unwrap_or_else(|| anyhow!("cannot {verb} `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"id,key\n1,\"a\n\"\"b\"\n";

    fn opened(path: &Path) -> Result<(Journal, usize), Error> {
        let mut records = 0;
        let journal = Journal::open(path, "path", b"id,key\n", |_, _| {
            records += 1;
            true
        })?;
        Ok((journal, records))
    }

    #[test]
    fn a_record_that_is_torn_at_any_byte_is_moved_away_and_the_next_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let next = b"2,\"c\n\"\n";
        for end in 1..next.len() {
            let path = folder.path().join(end.to_string());
            std::fs::write(&path, [WHOLE, &next[..end]].concat()).unwrap();
            let (mut journal, records) = opened(&path).unwrap();
            assert_eq!((records, std::fs::read(&path).unwrap()), (1, WHOLE.to_vec()));
            let torn = std::fs::read(path.with_added_extension("torn")).unwrap();
            assert_eq!(torn, next[..end]);
            journal.append(next).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), [WHOLE, next].concat());
        }
    }

    #[test]
    fn a_file_of_another_kind_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other");
        for other in [&b"id,name\n1,a\n"[..], b"x", b"id,key,more\n"] {
            std::fs::write(&path, other).unwrap();
            let error = opened(&path).err().unwrap();
            assert!(error.findings().is_some(), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), other);
        }
    }
}

//! How far the lines are settled, on the disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use l0_stage::anyhow::{Context as _, anyhow};
use l0_stage::{Error, Finding, Findings, Why};

/// All that lies before it needs no more work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub bytes: u64,
    pub lines: u64,
}

/// The file that remembers a place, for this process alone.
pub(crate) struct PlaceFile {
    path: PathBuf,
    kept: Place,
    /// Two instances that follow one file would deliver its lines twice.
    _lock: File,
}

impl PlaceFile {
    /// Opens it and reads the place; the beginning if there is none yet.
    pub fn open(path: &Path) -> Result<(Self, Place), Error> {
        let lock = lock(&path.with_added_extension("lock"))?;
        let kept = match fs::read_to_string(path) {
            Ok(text) => parse(&text).ok_or_else(|| damaged(path))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Place::default(),
            Err(error) => return Err(failed(path, error)),
        };
        Ok((Self { path: path.to_owned(), kept, _lock: lock }, kept))
    }

    /// Returns when this place outlives a kill and a loss of power.
    pub fn keep(&mut self, place: Place) -> Result<(), Error> {
        if place != self.kept {
            self.write(place).map_err(|error| failed(&self.path, error))?;
            self.kept = place;
        }
        Ok(())
    }

    /// A kill leaves the old file or the new one, and never a part.
    fn write(&self, place: Place) -> io::Result<()> {
        let new = self.path.with_added_extension("new");
        let mut file = File::create(&new)?;
        writeln!(file, "{} bytes {} lines", place.bytes, place.lines)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn parse(text: &str) -> Option<Place> {
    let (bytes, lines) = text.strip_suffix(" lines\n")?.split_once(" bytes ")?;
    Some(Place { bytes: bytes.parse().ok()?, lines: lines.parse().ok()? })
}

fn lock(path: &Path) -> Result<File, Error> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = opened.map_err(|error| failed(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let error = anyhow!("another instance holds `{}`", path.display());
            Err(Error::retryable(Why::Contended, error))
        }
        Err(TryLockError::Error(error)) => Err(failed(path, error)),
    }
}

fn damaged(path: &Path) -> Error {
    let what = format!("`{}` does not say how far the lines are settled", path.display());
    let help = "name another file, or remove this one to deliver all lines again";
    Error::mismatch(Findings(vec![Finding::new("place", what).help(help)]))
}

fn failed(path: &Path, error: io::Error) -> Error {
    let why = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Why::Full,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Why::Denied,
        _ => Why::Unclassified,
    };
    let cannot = format!("cannot keep the place in `{}`", path.display());
    match Err::<(), _>(error).context(cannot) {
        Err(error) => Error::retryable(why, error),
        Ok(()) => Error::permanent(anyhow!("unreachable")),
    }
}

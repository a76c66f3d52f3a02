use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use l0_intake::Piece;
use l0_stage::anyhow::{self, Context as _, bail};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Context, Message, Origin};

/// The `path` that means standard input.
pub(crate) const STDIN: &str = "-";

/// One file, pipe or standard input.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    path: Option<PathBuf>,
    /// Its name for people, which is also the subject of its messages.
    pub name: String,
    /// The name of the stream that its documents form. It is the same at every run.
    stream: Arc<str>,
    /// When a regular file was last changed. `None` for a pipe or standard input.
    modified: Option<OffsetDateTime>,
    /// The size of a regular file, in bytes.
    pub size: Option<u64>,
}

impl Input {
    fn stdin() -> Self {
        let (name, stream) = (STDIN.to_owned(), "stdin".into());
        Self { path: None, name, stream, modified: None, size: None }
    }

    fn file(path: PathBuf, context: &Context) -> anyhow::Result<Self> {
        // The name does not depend on where the pipeline's folder is.
        let name = path.strip_prefix(&context.base).unwrap_or(&path).display().to_string();
        let metadata = readable(&path).with_context(|| format!("cannot read `{name}`"))?;
        let stream = format!("file:{name}").into();
        let mut input = Self { path: Some(path), name, stream, modified: None, size: None };
        if metadata.is_file() {
            input.modified = metadata.modified().ok().map(OffsetDateTime::from);
            input.size = Some(metadata.len());
        }
        Ok(input)
    }

    /// Opens the input. Opening a pipe waits for its writer.
    pub fn open(&self) -> io::Result<Box<dyn Read>> {
        match &self.path {
            Some(path) => Ok(Box::new(File::open(path)?)),
            None => Ok(Box::new(io::stdin())),
        }
    }

    pub fn message(&self, piece: Piece) -> Message {
        let origin = Origin {
            stream: Arc::clone(&self.stream),
            stream_created: None,
            sequence: piece.number,
            published: self.modified.unwrap_or_else(OffsetDateTime::now_utc),
            attempt: 1,
        };
        let subject = self.name.clone();
        Message { origin, subject, headers: Bytes::new(), payload: piece.content }
    }
}

/// The inputs that `path` means. A file with exactly that name takes precedence over a pattern.
pub(crate) fn find(path: &str, context: &Context) -> anyhow::Result<Vec<Input>> {
    if path == STDIN {
        return Ok(vec![Input::stdin()]);
    }
    let full = context.path(path);
    if full.exists() {
        return Ok(vec![Input::file(full, context)?]);
    }
    // The name of the pipeline's folder is not a pattern, even if it has special characters.
    let base = glob::Pattern::escape(&context.base.to_string_lossy());
    let pattern = Path::new(&base).join(path);
    let mut inputs = Vec::new();
    let malformed = || format!("pattern `{path}` is malformed");
    for found in glob::glob(&pattern.to_string_lossy()).with_context(malformed)? {
        let found = found?;
        if !found.is_dir() {
            inputs.push(Input::file(found, context)?);
        }
    }
    if inputs.is_empty() {
        bail!("no file matches `{}`", full.display());
    }
    Ok(inputs)
}

fn readable(path: &Path) -> io::Result<Metadata> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if metadata.is_file() {
        File::open(path)?;
    }
    Ok(metadata)
}

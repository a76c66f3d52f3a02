//! The sample messages. Each is one that a pipeline would accept as a document.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Message, Origin};
use serde_json::value::RawValue;

use super::tree::Json;

/// The most messages to learn from.
const MOST: usize = 1_000;
/// The most bytes of these messages.
const MOST_BYTES: usize = 64 << 20;
/// The largest document, as in a pipeline that does not set `max_document_bytes`.
const MOST_OF_ONE: usize = 1 << 20;

/// At least one message.
#[derive(Debug, Default)]
pub struct Samples {
    /// The text of the first message.
    pub first: String,
    /// All messages, parsed.
    pub messages: Vec<Json>,
    /// Whether further messages were left out.
    pub cut: bool,
    bytes: usize,
}

impl Samples {
    /// Reads files with one JSON document, with JSON lines, or with one array of documents. `-` is
    /// standard input.
    ///
    /// # Errors
    /// A file cannot be read, or contains something that no pipeline would store.
    pub fn read(files: &[PathBuf]) -> Result<Self, String> {
        let mut samples = Self::default();
        for file in files {
            let shown =
                if is_stdin(file) { "standard input".into() } else { file.display().to_string() };
            let open = || -> std::io::Result<Box<dyn BufRead>> {
                Ok(match is_stdin(file) {
                    true => Box::new(stdin().lock()),
                    false => Box::new(BufReader::new(File::open(file)?)),
                })
            };
            let reader = open().map_err(|error| format!("cannot read {shown}: {error}"))?;
            samples.take(reader).map_err(|problem| format!("{shown}: {problem}"))?;
        }
        match samples.messages.is_empty() {
            true => Err("the files of --from contain no message".to_owned()),
            false => Ok(samples),
        }
    }

    /// # Errors
    /// Where the input is not a document, and why.
    pub fn take(&mut self, mut reader: impl BufRead) -> Result<(), String> {
        skip_mark(&mut reader).map_err(|error| error.to_string())?;
        let values = serde_json::Deserializer::from_reader(reader);
        for (at, value) in (1..).zip(values.into_iter::<Box<RawValue>>()) {
            let value = value.map_err(|error| error.to_string())?;
            match elements(&value)? {
                None => self.add(value.get()).map_err(|why| format!("message {at} {why}"))?,
                Some(elements) if at == 1 => {
                    for (at, element) in (1..).zip(&elements) {
                        self.add(element.get()).map_err(|why| format!("element {at} {why}"))?;
                    }
                }
                Some(_) => return Err(format!("message {at} is an array, not an object")),
            }
            if self.cut {
                break;
            }
        }
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        if self.messages.len() == MOST || self.bytes + text.len() > MOST_BYTES {
            self.cut = true;
            return Ok(());
        }
        check(text)?;
        self.bytes += text.len();
        let json = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        if self.messages.is_empty() {
            text.clone_into(&mut self.first);
        }
        self.messages.push(json);
        Ok(())
    }
}

/// Whether a file of `--from` is standard input.
pub fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// Skips a byte order mark, which belongs to the editor, not to the message.
fn skip_mark(reader: &mut impl BufRead) -> std::io::Result<()> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    if reader.fill_buf()?.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    Ok(())
}

/// The elements of an array, if it is one: a file may hold its messages in an array.
fn elements(value: &RawValue) -> Result<Option<Vec<Box<RawValue>>>, String> {
    match value.get().starts_with('[') {
        true => serde_json::from_str(value.get()).map(Some).map_err(|error| error.to_string()),
        false => Ok(None),
    }
}

/// The check that the pipeline makes too.
fn check(text: &str) -> Result<(), String> {
    let origin = Origin {
        stream: Arc::from(""),
        stream_created: None,
        sequence: 1,
        published: OffsetDateTime::UNIX_EPOCH,
        attempt: 1,
    };
    let payload = Bytes::copy_from_slice(text.as_bytes());
    let message = Message { origin, subject: String::new(), headers: Bytes::new(), payload };
    match l0_engine::parse(message, MOST_OF_ONE) {
        Ok(_) => Ok(()),
        Err(letter) => Err(format!("would be a dead letter: {}", letter.rejection.detail)),
    }
}

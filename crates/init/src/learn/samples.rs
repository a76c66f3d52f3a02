//! The sample messages. Each is one that a pipeline would accept as a document.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use l0_intake::{Documents, Failure, cause};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Message, Origin};

use super::tree::Json;

/// The most messages to learn from.
const MOST: usize = 1_000;
/// The most bytes of these messages.
const MOST_BYTES: usize = 64 << 20;
/// The largest document, as in a pipeline that does not set `max_document_bytes`.
const MOST_OF_ONE: usize = 1 << 20;
/// A document longer than this is not parsed at all.
const LONGEST: usize = 16 << 20;

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
    /// Reads files as `[source.file]` does. `-` is standard input.
    ///
    /// # Errors
    /// A file cannot be read, or contains something that no pipeline would store.
    pub fn read(files: &[PathBuf]) -> Result<Self, String> {
        let mut samples = Self::default();
        for file in files {
            let shown =
                if is_stdin(file) { "standard input".into() } else { file.display().to_string() };
            let input = open(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
            samples.take(input).map_err(|problem| format!("{shown}: {problem}"))?;
        }
        match samples.messages.is_empty() {
            true => Err("the files of --from contain no message".to_owned()),
            false => Ok(samples),
        }
    }

    /// # Errors
    /// Where the input is not a document, and why.
    fn take(&mut self, input: Box<dyn Read>) -> Result<(), String> {
        let told = |failure: Failure| failure.to_string();
        let mut documents = Documents::open(input, LONGEST).map_err(told)?;
        let mut at = 0;
        while let Some(chunk) = documents.read().map_err(told)? {
            for piece in chunk.pieces {
                at += 1;
                let place = format!("message {at} (line {})", piece.line);
                self.add(&piece.content).map_err(|why| format!("{place} {why}"))?;
                if self.cut {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, payload: &Bytes) -> Result<(), String> {
        if self.messages.len() == MOST || self.bytes + payload.len() > MOST_BYTES {
            self.cut = true;
            return Ok(());
        }
        check(payload)?;
        self.bytes += payload.len();
        let json = serde_json::from_slice(payload);
        let json = json.map_err(|error| format!("is not JSON: {}", cause(payload, &error)))?;
        if self.messages.is_empty() {
            self.first = String::from_utf8_lossy(payload).trim().to_owned();
        }
        self.messages.push(json);
        Ok(())
    }
}

fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    Ok(match is_stdin(file) {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(file)?),
    })
}

/// Whether a file of `--from` is standard input.
pub fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// Makes the same check of a document as a pipeline does.
fn check(payload: &Bytes) -> Result<(), String> {
    let origin = Origin {
        stream: Arc::from(""),
        stream_created: None,
        sequence: 1,
        published: OffsetDateTime::UNIX_EPOCH,
        attempt: 1,
    };
    let payload = payload.clone();
    let message = Message { origin, subject: String::new(), headers: Bytes::new(), payload };
    match l0_engine::parse(message, MOST_OF_ONE) {
        Ok(_) => Ok(()),
        Err(letter) => Err(format!("would be a dead letter: {}", letter.rejection.detail)),
    }
}

//! A sink on two files of lines, so plain that it reads them anew at every write.

use std::any::Any;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use l0_stage::anyhow::anyhow;
use l0_stage::serde_json::{self, Value};
use l0_stage::{
    Bytes, DeadLetter, Document, Encoded, Error, Outcome, Record, Rejection, Sink, Why, Writer,
    async_trait,
};
use l0_testkit::conformance::{Attach, DurableLab, SinkLab};
use tempfile::TempDir;

pub const HONEST: u8 = 0;
/// Knows only what it has stored since it was connected.
pub const FORGETFUL: u8 = 1;
/// Writes lines to its file when it has several.
pub const LATE: u8 = 2;
/// Leaves a part of a document when it cannot write.
pub const HALF: u8 = 3;
/// Does not look whether another process has written.
pub const OWN_COUNT: u8 = 4;
pub const LETTERS_IN_MEMORY: u8 = 5;

/// The files; while there is a file `full`, no write goes well.
pub struct Notebook<const FAULT: u8> {
    folder: PathBuf,
    _owned: Option<TempDir>,
}

#[derive(Clone)]
struct Pages<const FAULT: u8> {
    folder: PathBuf,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    documents: HashMap<String, (i64, Value)>,
    /// Not in the file yet.
    late: Vec<u8>,
}

impl<const FAULT: u8> SinkLab for Notebook<FAULT> {
    async fn open() -> Self {
        let owned = tempfile::tempdir().expect("a folder");
        Self { folder: owned.path().to_owned(), _owned: Some(owned) }
    }

    async fn connect(&self) -> Result<Box<dyn Sink>, Error> {
        let pages = Pages::<FAULT> { folder: self.folder.clone(), known: Arc::default() };
        if FAULT != FORGETFUL {
            pages.known.lock().expect("no panic").read(&self.folder.join("documents"));
        }
        Ok(Box::new(pages))
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"key":"{key}"{members}}}"#)
    }

    fn unfit(_: &str, _: &str) -> Option<String> {
        None
    }

    async fn letters(&self, _: &dyn Sink) -> Option<Vec<Bytes>> {
        let letters = lines(&self.folder.join("letters"));
        let payload = |letter: &Value| serde_json::from_value::<Vec<u8>>(letter["payload"].clone());
        Some(letters.iter().map(|letter| payload(letter).expect("bytes").into()).collect())
    }
}

impl<const FAULT: u8> Attach for Notebook<FAULT> {
    fn address(&self) -> String {
        self.folder.display().to_string()
    }

    async fn attach(address: &str) -> Self {
        Self { folder: address.into(), _owned: None }
    }
}

impl<const FAULT: u8> DurableLab for Notebook<FAULT> {
    async fn hinder(&self) -> Option<Box<dyn Any>> {
        struct Full(PathBuf);
        impl Drop for Full {
            fn drop(&mut self) {
                fs::remove_file(&self.0).expect("removed");
            }
        }
        let full = self.folder.join("full");
        fs::write(&full, "").expect("written");
        Some(Box::new(Full(full)))
    }
}

#[async_trait]
impl<const FAULT: u8> Sink for Pages<FAULT> {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl<const FAULT: u8> Writer for Pages<FAULT> {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let key = document.json()["key"].as_str().ok_or_else(|| Rejection::unfit("no key"))?;
        Ok(Encoded { key: key.to_owned(), row: document.json().to_string().into_bytes() })
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let path = self.folder.join("documents");
        let _lock = self.lock();
        let mut known = self.known.lock().expect("no panic");
        if ![FORGETFUL, OWN_COUNT, LATE].contains(&FAULT) {
            known.read(&path);
        }
        let (outcomes, new) = known.outcomes(batch);
        if self.folder.join("full").exists() {
            known.documents.clear();
            if FAULT == HALF {
                append(&path, b"{\"key\":\"B\"}\n");
            }
            return Err(Error::retryable(Why::Full, anyhow!("no room")));
        }
        known.late.extend(new);
        if FAULT != LATE || known.late.len() > 20_000 {
            append(&path, &std::mem::take(&mut known.late));
        }
        Ok(outcomes)
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let path = self.folder.join("letters");
        let _lock = self.lock();
        for letter in letters {
            let key = format!("{:?}", letter.key());
            let is_there = lines(&path).iter().any(|line| line["key"] == key.as_str());
            if !is_there && (FAULT != LETTERS_IN_MEMORY || letter.message.origin.sequence == 3) {
                let payload = &letter.message.payload[..];
                append(
                    &path,
                    format!("{}\n", serde_json::json!({ "key": key, "payload": payload }))
                        .as_bytes(),
                );
            }
        }
        Ok(())
    }
}

impl<const FAULT: u8> Pages<FAULT> {
    fn lock(&self) -> File {
        let file = File::create(self.folder.join("lock")).expect("a lock");
        file.lock().expect("locked");
        file
    }
}

impl Known {
    fn read(&mut self, path: &Path) {
        self.documents.clear();
        for (line, id) in lines(path).into_iter().zip(1..) {
            let key = line["key"].as_str().expect("a key").to_owned();
            self.documents.insert(key, (id, line));
        }
    }

    /// What becomes of a batch, and the lines that it adds.
    fn outcomes(&mut self, batch: &[Record]) -> (Vec<Outcome>, Vec<u8>) {
        let (mut outcomes, mut new) = (Vec::new(), Vec::new());
        for Record { encoded: Encoded { key, row }, .. } in batch {
            let json: Value = serde_json::from_slice(row).expect("json");
            outcomes.push(match self.documents.get(key) {
                Some((id, stored)) if *stored == json => Outcome::Duplicate(*id),
                Some((id, _)) => Outcome::Conflict(*id),
                None => {
                    let id = self.documents.len() as i64 + 1;
                    self.documents.insert(key.clone(), (id, json));
                    new.extend([row, &b"\n"[..]].concat());
                    Outcome::Stored(id)
                }
            });
        }
        (outcomes, new)
    }
}

/// The whole lines of a file; cuts off a torn one.
fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read(path).unwrap_or_default();
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < text.len() {
        fs::write(path, &text[..whole]).expect("cut");
    }
    let lines = text[..whole].split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| serde_json::from_slice(line).expect("a line")).collect()
}

fn append(path: &Path, lines: &[u8]) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let mut file = file.expect("a file");
    file.write_all(lines).expect("written");
    file.sync_all().expect("synced");
}

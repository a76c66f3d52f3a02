//! The sink, its writers and its reader: all share the two files.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use l0_stage::serde_json::Value;
use l0_stage::{
    Bytes, DeadLetter, Document, Encoded, Error, Outcome, Reader, Record, Rejection, Sink, Writer,
    async_trait,
};

use crate::csv;
use crate::letters::Letters;
use crate::rows::Rows;

/// A call waits for the disk and blocks its thread meanwhile: so few workers that others go on.
#[derive(Clone)]
pub(crate) struct CsvSink {
    key: Arc<str>,
    /// JSON pointers, in the order of the columns.
    pointers: Arc<[String]>,
    rows: Arc<Mutex<Rows>>,
    letters: Arc<Mutex<Letters>>,
}

impl CsvSink {
    pub fn new(key: String, pointers: Vec<String>, rows: Rows, letters: Letters) -> Self {
        let (rows, letters) = (Arc::new(Mutex::new(rows)), Arc::new(Mutex::new(letters)));
        Self { key: key.into(), pointers: pointers.into(), rows, letters }
    }
}

#[async_trait]
impl Sink for CsvSink {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(self.clone()))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Writer for CsvSink {
    /// All of the row but its id, which is known only at the write.
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let json = document.json();
        let key = json.pointer(&self.key).and_then(Value::as_str);
        let key = key.ok_or_else(|| Rejection::unfit(format!("no text at {}", self.key)))?;
        let mut fields = vec![key.as_bytes().to_vec()];
        fields.extend(self.pointers.iter().map(|pointer| cell(json.pointer(pointer))));
        fields.push(document.message().payload.to_vec());
        Ok(Encoded { key: key.to_owned(), row: csv::record(fields) })
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        lock(&self.rows).write(batch)
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        lock(&self.letters).bury(letters)
    }
}

#[async_trait]
impl Reader for CsvSink {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let rows = lock(&self.rows);
        ids.iter().map(|id| rows.document(*id)).collect()
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A text as it is, nothing for null, anything else as JSON: a number keeps its digits.
fn cell(value: Option<&Value>) -> Vec<u8> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(other) => other.to_string().into_bytes(),
    }
}

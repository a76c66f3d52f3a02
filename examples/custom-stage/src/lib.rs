#![doc = include_str!("../README.md")]

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use l0_stage::{
    Bytes, Context, DeadLetter, Document, Encoded, Error, Outcome, Plugin, Reader, Record,
    Rejection, Sink, Writer, async_trait,
};

/// `[sink.stdout]`
#[derive(Debug, l0_stage::serde::Deserialize, l0_stage::schemars::JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub struct StdoutConfig {
    /// JSON pointer to the text that identifies a document.
    key: String,
}

impl Plugin for StdoutConfig {
    const NAME: &'static str = "stdout";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Sink;

    fn summary(&self) -> String {
        "standard output".to_owned()
    }

    async fn connect(&self, _: &Context) -> Result<Box<dyn Sink>, Error> {
        Ok(Box::new(Stdout { key: self.key.clone(), printed: Arc::default() }))
    }
}

/// What was printed since the start, by key. The first has id 1. Clones share it.
#[derive(Clone)]
struct Stdout {
    key: String,
    printed: Arc<Mutex<IndexMap<String, Record>>>,
}

#[async_trait]
impl Sink for Stdout {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(self.clone()))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Writer for Stdout {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let text = document.json().pointer(&self.key).and_then(|value| value.as_str());
        let key = text.ok_or_else(|| Rejection::unfit(format!("no text at {}", self.key)))?;
        // Without white space and with sorted members, so that equal documents are equal lines.
        Ok(Encoded { key: key.to_owned(), row: format!("{}\n", document.json()).into_bytes() })
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut lines, mut outcomes) = (Vec::new(), Vec::new());
        let id = |index: usize| index as i64 + 1;
        for record in batch {
            let Encoded { key, row } = &record.encoded;
            outcomes.push(match printed.get_full(key) {
                Some((index, _, old)) if old.encoded.row == *row => Outcome::Duplicate(id(index)),
                Some((index, ..)) => Outcome::Conflict(id(index)),
                None => {
                    lines.extend_from_slice(row);
                    Outcome::Stored(id(printed.insert_full(key.clone(), record.clone()).0))
                }
            });
        }
        // The reader has closed the pipe, so another attempt would not help.
        std::io::stdout().lock().write_all(&lines).map_err(Error::permanent)?;
        Ok(outcomes)
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        for DeadLetter { message, rejection, .. } in letters {
            eprintln!("{} {}: {rejection}", message.subject, message.origin.sequence);
        }
        Ok(())
    }
}

#[async_trait]
impl Reader for Stdout {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |id: &i64| printed.get_index(usize::try_from(id.checked_sub(1)?).ok()?);
        Ok(ids.iter().map(|id| Some(find(id)?.1.message.payload.clone())).collect())
    }
}

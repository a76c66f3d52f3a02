#![doc = include_str!("../README.md")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use l0_stage::{
    Context, DeadLetter, Document, Encoded, Error, Finding, Outcome, Plugin, Record, Rejection,
    Sink, Writer, async_trait,
};

/// `[sink.sample_name]`
#[derive(Debug, l0_stage::serde::Deserialize, l0_stage::schemars::JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub struct SampleNameConfig {
    /// JSON pointer to the text that tells documents apart.
    key: String,
}

impl Plugin for SampleNameConfig {
    const NAME: &'static str = "sample_name";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Sink;

    fn check(&self, _: &Context) -> Vec<Finding> {
        if self.key.starts_with('/') {
            return Vec::new();
        }
        let wrong = format!("`{}` is not a JSON pointer", self.key);
        vec![Finding::new("key", wrong).help("begin it with `/`: `/number`")]
    }

    fn summary(&self) -> String {
        format!("documents by {}", self.key)
    }

    async fn connect(&self, _: &Context) -> Result<Box<dyn Sink>, Error> {
        // Next: connect to your store, with `Error::retryable` while it is away.
        Ok(Box::new(SampleName { key: self.key.clone(), stored: Arc::default() }))
    }
}

/// The sink, and each of its writers.
#[derive(Clone)]
struct SampleName {
    key: String,
    /// Next: your store in its place. It has the id and the content of each key.
    stored: Arc<Mutex<HashMap<String, (i64, Vec<u8>)>>>,
}

#[async_trait]
impl Sink for SampleName {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Writer for SampleName {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let text = document.json().pointer(&self.key).and_then(|value| value.as_str());
        let key = text.ok_or_else(|| Rejection::unfit(format!("no text at {}", self.key)))?;
        Ok(Encoded { key: key.to_owned(), row: document.json().to_string().into_bytes() })
    }

    /// Next: return only when the new documents are durable, and then let `durable_conformance!` run too.
    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outcomes = Vec::new();
        for Record { encoded: Encoded { key, row }, .. } in batch {
            outcomes.push(match stored.get(key) {
                Some((id, first)) if first == row => Outcome::Duplicate(*id),
                Some((id, _)) => Outcome::Conflict(*id),
                None => {
                    let id = stored.len() as i64 + 1;
                    stored.insert(key.clone(), (id, row.clone()));
                    Outcome::Stored(id)
                }
            });
        }
        Ok(outcomes)
    }

    /// Next: keep each letter where a person finds it, once, by `DeadLetter::key`.
    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        for DeadLetter { message, rejection, .. } in letters {
            eprintln!("{} {}: {rejection}", message.subject, message.origin.sequence);
        }
        Ok(())
    }
}

#![doc = include_str!("../README.md")]

use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Plugin, Record, Rejection, Sink, Writer,
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

    async fn connect(&self, _: &l0_stage::Context) -> Result<Box<dyn Sink>, Error> {
        Ok(Box::new(Stdout { key: self.key.clone(), printed: Default::default() }))
    }
}

/// The sink, and each of its writers: they share the id and the line of each key.
#[derive(Clone)]
struct Stdout {
    key: String,
    printed: std::sync::Arc<std::sync::Mutex<std::collections::HashMap<String, (i64, Encoded)>>>,
}

#[l0_stage::async_trait]
impl Sink for Stdout {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(self.clone()))
    }
}

#[l0_stage::async_trait]
impl Writer for Stdout {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let text = document.json().pointer(&self.key).and_then(|value| value.as_str());
        let key = text.ok_or_else(|| Rejection::unfit(format!("no text at {}", self.key)))?;
        // Without white space and with sorted members, so that equal documents are equal lines.
        Ok(Encoded { key: key.to_owned(), row: format!("{}\n", document.json()).into_bytes() })
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let mut printed = self.printed.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (mut lines, mut outcomes) = (Vec::new(), Vec::new());
        for Record { encoded, .. } in batch {
            let next = printed.len() as i64 + 1;
            let (id, first) = printed.entry(encoded.key.clone()).or_insert_with(|| {
                lines.extend_from_slice(&encoded.row);
                (next, encoded.clone())
            });
            outcomes.push(match (*id == next, first.row == encoded.row) {
                (true, _) => Outcome::Stored(next),
                (false, true) => Outcome::Duplicate(*id),
                (false, false) => Outcome::Conflict(*id),
            });
        }
        // The reader has closed the pipe, so another attempt would not help.
        std::io::Write::write_all(&mut std::io::stdout(), &lines).map_err(Error::permanent)?;
        Ok(outcomes)
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        for DeadLetter { message, rejection, .. } in letters {
            eprintln!("{} {}: {rejection}", message.subject, message.origin.sequence);
        }
        Ok(())
    }
}

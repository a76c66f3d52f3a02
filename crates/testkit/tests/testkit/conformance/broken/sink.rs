use std::sync::Arc;

use l0_stage::letters::DeadLetters;
use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Reader, Record, Rejection, Writer, async_trait,
};
use l0_testkit::conformance::{SinkLab, dead_letters, sink};

use crate::conformance::memory::MemorySink;

/// Takes every conflict for a duplicate, buries without headers, and buries what is empty not at all.
struct Careless(MemorySink);

struct CarelessWriter(Box<dyn Writer>);

#[async_trait]
impl Writer for CarelessWriter {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        self.0.encode(document)
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let outcomes = self.0.write(batch).await?.into_iter().map(|outcome| match outcome {
            Outcome::Conflict(id) => Outcome::Duplicate(id),
            other => other,
        });
        Ok(outcomes.collect())
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let mut letters = letters.to_vec();
        letters.retain(|letter| !letter.message.payload.is_empty());
        letters.iter_mut().for_each(|letter| letter.message.headers.clear());
        self.0.bury(&letters).await
    }
}

#[async_trait]
impl l0_stage::Sink for Careless {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(CarelessWriter(self.0.0.writer().await?)))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        self.0.0.reader()
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        self.0.0.dead_letters()
    }
}

impl SinkLab for Careless {
    async fn open() -> Self {
        Self(MemorySink::open().await)
    }

    async fn connect(&self) -> Result<Box<dyn l0_stage::Sink>, Error> {
        Ok(Box::new(Self(MemorySink(self.0.0.clone()))))
    }

    fn payload(key: &str, members: &str) -> String {
        MemorySink::payload(key, members)
    }

    fn unfit(_key: &str, _text: &str) -> Option<String> {
        None
    }
}

#[tokio::test]
#[should_panic(expected = "Conflict(1)")]
async fn a_sink_that_acks_a_conflict_silently_is_found() {
    let lab = Careless::open().await;
    sink::the_same_key_with_another_content_is_a_conflict_and_changes_nothing(lab).await;
}

#[tokio::test]
#[should_panic(expected = "Test failed")]
async fn a_sink_that_loses_bytes_of_a_letter_is_found() {
    let lab = Careless::open().await;
    dead_letters::burying_keeps_any_bytes_exactly_and_again_adds_nothing(lab).await;
}

#[tokio::test]
#[should_panic(expected = "each once")]
async fn a_sink_that_loses_a_letter_is_found() {
    let lab = Careless::open().await;
    sink::any_message_is_buried_and_again_adds_nothing(lab).await;
}

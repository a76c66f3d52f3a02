//! A sink in memory, honest but for the calls that a fault answers itself.

use std::sync::Arc;

use l0_stage::letters::{BuriedLetter, DeadLetters, LetterFilter, LetterPage};
use l0_stage::stored::{Entry, Lookup};
use l0_stage::{
    Bytes, DeadLetter, Document, Encoded, Error, Outcome, Reader, Record, Rejection, Writer,
    async_trait,
};
use l0_testkit::conformance::SinkLab;
use l0_testkit::memory::Sink;

use crate::conformance::memory::MemorySink;

/// Writes a test for each wrong sink: its suite finds it.
macro_rules! wrong_sinks {
    ($($name:ident: $fault:ty, $suite:ident::$behaviour:ident, $words:literal;)*) => { $(
        #[tokio::test]
        #[should_panic(expected = $words)]
        async fn $name() {
            $suite::$behaviour(Lab::<$fault>::open().await).await;
        }
    )* };
}
pub(super) use wrong_sinks;

/// What a wrong sink does otherwise than the one in memory.
#[async_trait]
pub trait Fault: Default + Send + Sync + 'static {
    /// Each writer stores for itself.
    const ALONE: bool = false;
    /// All pipelines have the same letters.
    const SHARED: bool = false;

    fn encode(&self, sink: &Sink, document: &Document) -> Result<Encoded, Rejection> {
        sink.encode(document)
    }

    async fn write(&self, sink: &mut Sink, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        sink.write(batch).await
    }

    fn buried(&self, _letters: &mut Vec<DeadLetter>) {}

    async fn documents(&self, sink: &Sink, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        Reader::documents(sink, ids).await
    }

    async fn entries(
        &self,
        sink: &Sink,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        sink.entries(lookup, before, limit).await
    }

    async fn list(
        &self,
        sink: &Sink,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        sink.list(filter, page).await
    }

    async fn waiting(&self, sink: &Sink, most: usize) -> Result<usize, Error> {
        sink.waiting(most).await
    }

    async fn mark_replayed(&self, sink: &Sink, replayed: &[(i64, i64)]) -> Result<(), Error> {
        sink.mark_replayed(replayed).await
    }

    async fn discard(&self, sink: &Sink, ids: &[i64]) -> Result<u64, Error> {
        sink.discard(ids).await
    }

    async fn purge(&self, sink: &Sink, ids: &[i64]) -> Result<u64, Error> {
        sink.purge(ids).await
    }
}

pub struct Lab<F>(Wrong<F>);

/// The sink, each of its writers, and its reader.
struct Wrong<F> {
    fault: Arc<F>,
    inner: Sink,
}

impl<F> Wrong<F> {
    fn on(&self, inner: Sink) -> Self {
        Self { fault: Arc::clone(&self.fault), inner }
    }
}

impl<F: Fault> SinkLab for Lab<F> {
    async fn open() -> Self {
        Self(Wrong { fault: Arc::default(), inner: MemorySink::open().await.0 })
    }

    async fn connect(&self) -> Result<Box<dyn l0_stage::Sink>, Error> {
        Ok(Box::new(self.0.on(self.0.inner.clone())))
    }

    async fn of_pipeline(&self, name: &str) -> Option<Box<dyn l0_stage::Sink>> {
        let name = if F::SHARED { "" } else { name };
        Some(Box::new(self.0.on(self.0.inner.of_pipeline(name))))
    }

    fn payload(key: &str, members: &str) -> String {
        MemorySink::payload(key, members)
    }

    fn unfit(key: &str, text: &str) -> Option<String> {
        Some(Self::payload(key, &format!(",\"unfit\":\"{text}\"")))
    }

    fn with_field(key: &str, value: &str) -> Option<(&'static str, String)> {
        MemorySink::with_field(key, value)
    }

    fn keeps_deliveries() -> bool {
        true
    }
}

#[async_trait]
impl<F: Fault> l0_stage::Sink for Wrong<F> {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        let inner = if F::ALONE { MemorySink::open().await.0 } else { self.inner.clone() };
        Ok(Box::new(self.on(inner)))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        (!F::ALONE).then(|| Arc::new(self.on(self.inner.clone())) as Arc<dyn Reader>)
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        Some(Arc::new(self.on(self.inner.clone())))
    }

    fn dead_letters_of(&self, pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        let pipeline = if F::SHARED { "" } else { pipeline };
        Some(Arc::new(self.on(self.inner.of_pipeline(pipeline))))
    }
}

#[async_trait]
impl<F: Fault> Writer for Wrong<F> {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        self.fault.encode(&self.inner, document)
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        self.fault.write(&mut self.inner, batch).await
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let mut letters = letters.to_vec();
        self.fault.buried(&mut letters);
        self.inner.bury(&letters).await
    }
}

#[async_trait]
impl<F: Fault> Reader for Wrong<F> {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        self.fault.documents(&self.inner, ids).await
    }

    async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.fault.entries(&self.inner, lookup, before, limit).await
    }

    fn fields(&self) -> &[String] {
        self.inner.fields()
    }
}

#[async_trait]
impl<F: Fault> DeadLetters for Wrong<F> {
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        self.fault.list(&self.inner, filter, page).await
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        self.inner.get(id).await
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        self.fault.waiting(&self.inner, most).await
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        self.fault.mark_replayed(&self.inner, replayed).await
    }

    async fn discard(&self, ids: &[i64]) -> Result<u64, Error> {
        self.fault.discard(&self.inner, ids).await
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        self.fault.purge(&self.inner, ids).await
    }
}

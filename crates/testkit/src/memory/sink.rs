use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use l0_stage::letters::DeadLetters;
use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Reader, Record, Rejection, Writer, async_trait,
};

use super::documents::{Documents, text};
use super::letters::Letters;

/// A sink that stores in memory, idempotently, unless a script says otherwise. Clones share it.
///
/// Two documents are the same if their payloads are equal byte for byte, or with [`Sink::keyed_by`]
/// if they are equal as JSON.
#[derive(Clone, Default)]
pub struct Sink {
    state: Arc<Mutex<State>>,
    key: Option<&'static str>,
    /// The names of its fields, the key first.
    fields: Vec<String>,
    pipeline: Arc<str>,
}

/// The answer of a scripted call.
pub type Reply<T> = Box<dyn FnOnce() -> Result<T, Error> + Send>;

#[derive(Default)]
pub(super) struct State {
    writes: VecDeque<Reply<Vec<Outcome>>>,
    burials: VecDeque<Reply<()>>,
    batches: Vec<usize>,
    pub(super) documents: Documents,
    pub(super) letters: Letters,
    writers: usize,
}

impl Sink {
    /// A sink that stores everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Identifies documents by the value at this JSON pointer: the same value with another content
    /// is a conflict. It is also a field by which documents can be found.
    #[must_use]
    pub fn keyed_by(mut self, pointer: &'static str) -> Self {
        self.key = Some(pointer);
        self.fields.insert(0, pointer.trim_start_matches('/').to_owned());
        self
    }

    /// Lets documents be found by this member too.
    #[must_use]
    pub fn found_by(mut self, member: &str) -> Self {
        self.fields.push(member.to_owned());
        self
    }

    /// The same store as this pipeline sees it, with letters of its own. A sink without this has no
    /// pipeline's name.
    #[must_use]
    pub fn of_pipeline(&self, name: &str) -> Self {
        Self { pipeline: name.into(), ..self.clone() }
    }

    /// The next write, by any writer, gets this answer instead of storing. Scripts queue up.
    pub fn on_write(
        &self,
        reply: impl FnOnce() -> Result<Vec<Outcome>, Error> + Send + 'static,
    ) -> &Self {
        self.state().writes.push_back(Box::new(reply));
        self
    }

    /// The next burial gets this answer instead of storing the letters. Scripts queue up.
    pub fn on_bury(&self, reply: impl FnOnce() -> Result<(), Error> + Send + 'static) -> &Self {
        self.state().burials.push_back(Box::new(reply));
        self
    }

    /// The stored documents; the first one has id 1.
    #[must_use]
    pub fn documents(&self) -> Vec<Bytes> {
        self.state().documents.all()
    }

    /// The buried letters, each once.
    #[must_use]
    pub fn letters(&self) -> Vec<DeadLetter> {
        self.state().letters.all()
    }

    /// The sizes of all batches that were written or refused, in order.
    #[must_use]
    pub fn batches(&self) -> Vec<usize> {
        self.state().batches.clone()
    }

    /// How many writers were opened.
    #[must_use]
    pub fn writers(&self) -> usize {
        self.state().writers
    }

    pub(super) fn field_names(&self) -> &[String] {
        &self.fields
    }

    pub(super) fn pipeline(&self) -> &str {
        &self.pipeline
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl l0_stage::Sink for Sink {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        self.state().writers += 1;
        Ok(Box::new(self.clone()))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(Arc::new(self.clone()))
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        Some(Arc::new(self.clone()))
    }

    fn dead_letters_of(&self, pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        Some(Arc::new(self.of_pipeline(pipeline)))
    }
}

#[async_trait]
impl Writer for Sink {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let key = self.key.and_then(|key| text(document.json().pointer(key)));
        let key = key.unwrap_or_else(|| document.message().origin.sequence.to_string());
        Ok(Encoded { key, row: Vec::new() })
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let mut state = self.state();
        state.batches.push(batch.len());
        match state.writes.pop_front() {
            Some(reply) => reply(),
            None => {
                Ok(batch.iter().map(|record| state.documents.store(record, self.key)).collect())
            }
        }
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let mut state = self.state();
        if let Some(reply) = state.burials.pop_front() {
            return reply();
        }
        for letter in letters {
            state.letters.bury(&self.pipeline, letter);
        }
        Ok(())
    }
}

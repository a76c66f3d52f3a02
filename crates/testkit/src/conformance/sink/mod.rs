//! What every sink does with documents.

mod burial;
mod contention;
mod documents;
mod entries;

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use l0_stage::letters::{DeadLetters, LetterFilter, LetterPage, PageStart};
use l0_stage::{
    DeadLetter, Document, Error, Message, Origin, Outcome, Reader, Reason, Rejection, Sink, Why,
    Writer,
};
use time::OffsetDateTime;

use super::PATIENCE;
use crate::{eventually, write};

pub use burial::*;
pub use contention::*;
pub use documents::*;
pub use entries::*;

/// How the suites reach a sink.
pub trait SinkLab: Sized {
    /// Whether this machine has what the sink needs: [`services_available`](crate::services_available).
    fn is_available() -> bool {
        true
    }

    /// A store that is new and empty.
    fn open() -> impl Future<Output = Self>;

    /// A sink on this store. The suite of [durable sinks](crate::durable_conformance) calls it again, also while
    /// the sink before is still open.
    fn connect(&self) -> impl Future<Output = Result<Box<dyn Sink>, Error>>;

    /// A sink of another pipeline on the same store; `None` if its store cannot be shared.
    fn of_pipeline(&self, _name: &str) -> impl Future<Output = Option<Box<dyn Sink>>> {
        async { None }
    }

    /// A document that fits. `members` are added to its object and mean nothing to the sink. They
    /// are empty, or begin with a comma. Neither text needs escaping.
    fn payload(key: &str, members: &str) -> String;

    /// Documents that this particular sink could damage, each with its own key.
    fn odd_but_good() -> Vec<String> {
        Vec::new()
    }

    /// A document that the sink itself refuses because of this text. `None` if the sink accepts
    /// every document.
    fn unfit(key: &str, text: &str) -> Option<String>;

    /// A field beside the key by which documents can be found, and a document with this value in
    /// it. `None` if there is no such field.
    fn with_field(_key: &str, _value: &str) -> Option<(&'static str, String)> {
        None
    }

    /// The payloads of the letters that the store keeps; `None` if the lab cannot see them. Of a sink that
    /// [lists them](Sink::dead_letters) it can.
    fn letters(&self, sink: &dyn Sink) -> impl Future<Output = Option<Vec<Bytes>>> {
        let letters = sink.dead_letters();
        async move { Some(listed(&*letters?).await) }
    }

    /// Makes the next write of a writer panic within the sink, as a fault of its own would; `false` if the lab
    /// cannot.
    fn trip(&self) -> impl Future<Output = bool> {
        async { false }
    }

    /// Whether the store keeps when a message was published, how often it was delivered, and when
    /// its document was committed.
    fn keeps_deliveries() -> bool {
        false
    }
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! sink_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SinkLab, sink,
            ids_count_from_1_and_each_belongs_to_its_document
            an_empty_batch_has_no_outcomes
            the_same_batch_again_is_duplicates_with_the_same_ids
            the_same_key_with_another_content_is_a_conflict_and_changes_nothing
            a_follower_within_a_batch_is_compared_with_the_first_of_its_key
            equal_means_equal_as_json_with_numbers_digit_for_digit
            a_rejected_document_is_not_quoted
            odd_but_good_documents_are_stored_and_recognized
            duplicates_and_conflicts_burn_no_ids
            writing_again_finds_out_what_became_of_a_dropped_write
            two_writers_at_once_on_the_same_keys_agree
            of_two_writers_with_different_contents_one_is_told_of_the_conflict
            any_message_is_buried_and_again_adds_nothing
        }
    };
}

/// Each of these behaviours of a sink that has a reader as a test.
#[macro_export]
macro_rules! reader_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SinkLab, sink,
            digits_and_texts_come_back_byte_for_byte
            an_id_that_was_never_given_is_none
            many_ids_are_answered_one_by_one_in_their_order
            many_readers_at_once_read_what_was_written
        }
    };
}

/// Writes each of these behaviours of a sink that lists its documents as a test.
#[macro_export]
macro_rules! entry_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SinkLab, sink,
            entries_are_listed_newest_first_and_in_pages
            an_entry_is_found_by_its_id
            an_entry_is_found_by_its_key
            entries_are_found_by_a_field_newest_first_and_in_pages
            an_unknown_field_is_refused_by_name
            an_entry_tells_of_the_first_delivery_and_of_the_commit
        }
    };
}

/// Connects as the engine does: it waits while the store is busy. A process that another test has just
/// started holds the locks of this one for an instant.
pub(super) async fn connected(lab: &impl SinkLab) -> Box<dyn Sink> {
    eventually(PATIENCE, "a connected sink", async || match lab.connect().await {
        Ok(sink) => Some(sink),
        Err(Error::Retryable { why: Why::Contended, .. }) => None,
        Err(error) => panic!("not connected: {error}"),
    })
    .await
}

/// One sink with a writer and its reader.
pub(super) struct Bench {
    pub writer: Box<dyn Writer>,
    reader: Option<Arc<dyn Reader>>,
    pub sink: Box<dyn Sink>,
}

impl Bench {
    pub async fn on(lab: &impl SinkLab) -> Self {
        let sink = connected(lab).await;
        let writer = sink.writer().await.expect("a writer");
        Self { writer, reader: sink.reader(), sink }
    }

    pub async fn write(&mut self, batch: &[Document]) -> Vec<Outcome> {
        write(&mut *self.writer, batch).await.expect("written")
    }

    fn reader(&self) -> &Arc<dyn Reader> {
        self.reader.as_ref().expect("a reader")
    }

    async fn read(&self, id: i64) -> Option<Bytes> {
        let read = self.reader().documents(&[id]).await.expect("read");
        let [document] = read.try_into().expect("one answer for one id");
        document
    }

    /// Fails unless the reader, if there is one, returns exactly this document for the id.
    pub async fn holds(&self, id: i64, document: &Document) {
        if self.reader.is_none() {
            return;
        }
        let payload = &document.message().payload;
        assert_eq!(self.read(id).await.as_ref(), Some(payload), "document {id}");
    }
}

/// Writes a batch as the engine does: it tries again while the failure may heal.
pub(super) async fn write_at_last(writer: &mut dyn Writer, batch: &[Document]) -> Vec<Outcome> {
    let attempt = async || match write(writer, batch).await {
        Ok(outcomes) => Some(outcomes),
        Err(Error::Retryable { .. }) => None,
        Err(error) => panic!("{error}"),
    };
    eventually(PATIENCE, "the outcomes of a batch", attempt).await
}

pub(super) fn documents<L: SinkLab>(keys: &[&str]) -> Vec<Document> {
    keys.iter().map(|key| document(&L::payload(key, ""))).collect()
}

pub(super) fn document(payload: &str) -> Document {
    let json = serde_json::from_str(payload).expect("a payload is json");
    Document::new(message(payload.as_bytes().to_vec().into()), json)
}

fn message(payload: Bytes) -> Message {
    let origin = Origin {
        stream: "conformance".into(),
        stream_created: None,
        sequence: 1,
        published: OffsetDateTime::UNIX_EPOCH,
        attempt: 1,
    };
    Message { origin, subject: "conformance".to_owned(), headers: Bytes::new(), payload }
}

/// A letter whose payload is this, known by its sequence.
pub(super) fn dead_letter(payload: Bytes, sequence: u64) -> DeadLetter {
    let mut message = message(payload);
    message.origin.sequence = sequence;
    let rejection = Rejection::new(Reason::InvalidJson, "no object");
    DeadLetter { message, document_key: None, rejection }
}

async fn listed(letters: &dyn DeadLetters) -> Vec<Bytes> {
    let filter =
        LetterFilter { reason: None, since: None, until: None, document_key: None, decided: true };
    let page = LetterPage { from: PageStart::After(0), limit: 100_000, payload_bytes: usize::MAX };
    let listed = letters.list(&filter, &page).await.expect("listed");
    listed.into_iter().map(|letter| letter.message.payload).collect()
}

/// The id of a document that is stored, whether just now or before.
pub(super) fn id_of(outcome: &Outcome) -> i64 {
    match outcome {
        Outcome::Stored(id) | Outcome::Duplicate(id) | Outcome::Conflict(id) => *id,
        other => panic!("no document: {other:?}"),
    }
}

/// The ids of documents that were all stored, in the order of the documents.
pub(super) fn stored(outcomes: &[Outcome]) -> Vec<i64> {
    let id = |outcome: &Outcome| match outcome {
        Outcome::Stored(id) => *id,
        other => panic!("not stored: {other:?} of {outcomes:?}"),
    };
    outcomes.iter().map(id).collect()
}

pub(super) fn duplicates(ids: &[i64]) -> Vec<Outcome> {
    ids.iter().copied().map(Outcome::Duplicate).collect()
}

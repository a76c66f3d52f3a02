//! What every sink with dead letters does with them.

mod burial;
mod decisions;
mod pages;
mod pipelines;

use std::sync::Arc;
use std::time::Duration;

use l0_stage::letters::{BuriedLetter, DeadLetters, Decision, LetterFilter, LetterPage, PageStart};
use l0_stage::{DeadLetter, Message, Origin, Reason, Rejection, Sink, Writer};
use time::OffsetDateTime;

use super::SinkLab;
use super::sink::connected;

pub use burial::*;
pub use decisions::*;
pub use pages::*;
pub use pipelines::*;

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! dead_letter_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SinkLab, dead_letters,
            burying_keeps_any_bytes_exactly_and_again_adds_nothing
            messages_that_differ_only_in_their_origin_are_letters_of_their_own
            an_empty_message_is_a_letter_like_any_other
            two_writers_that_bury_the_same_messages_at_once_keep_each_once
            letters_are_listed_oldest_first_and_in_pages
            a_filter_shows_what_fits_all_its_conditions
            letters_are_listed_newest_first_and_in_pages
            a_page_brings_as_much_of_each_payload_as_was_asked_for_and_tells_its_whole_size
            letters_are_found_by_the_key_of_their_document
            any_document_key_can_be_buried
            a_replayed_letter_is_hidden_and_knows_its_document
            a_discarded_letter_is_decided_and_stays
            a_decided_letter_cannot_be_decided_again
            waiting_letters_are_counted_up_to_a_limit
            a_purged_letter_is_gone_and_counted_once
            two_pipelines_that_refuse_the_same_message_keep_two_letters
            no_pipeline_sees_or_changes_the_letters_of_another
            letters_of_another_pipeline_are_mended_when_it_is_named
        }
    };
}

const EVERYTHING: LetterFilter =
    LetterFilter { reason: None, since: None, until: None, document_key: None, decided: true };

const WAITING: LetterFilter = LetterFilter { decided: false, ..EVERYTHING };

/// No sequences.
const NONE: [u64; 0] = [];

struct Cemetery<L> {
    writer: Box<dyn Writer>,
    letters: Arc<dyn DeadLetters>,
    sink: Box<dyn Sink>,
    /// Its store, which lasts as long as the test.
    lab: L,
}

impl<L: SinkLab> Cemetery<L> {
    async fn new(lab: L) -> Self {
        let sink = connected(&lab).await;
        let writer = sink.writer().await.expect("a writer");
        let letters = sink.dead_letters().expect("dead letters");
        Self { writer, letters, sink, lab }
    }

    async fn bury(&mut self, letters: &[DeadLetter]) {
        self.writer.bury(letters).await.expect("buried");
    }

    async fn list(&self, filter: &LetterFilter) -> Vec<BuriedLetter> {
        self.letters.list(filter, &page(PageStart::After(0), 1000)).await.expect("listed")
    }

    async fn sequences(&self, filter: &LetterFilter) -> Vec<u64> {
        sequences(&self.list(filter).await)
    }

    async fn decision(&self, id: i64) -> Option<Decision> {
        self.letters.get(id).await.expect("read").expect("still there").decision
    }

    /// Buries letters with these sequences, one after the other. Returns their ids.
    async fn bury_all(&mut self, sequences: &[u64]) -> Vec<i64> {
        for sequence in sequences {
            self.bury(&[letter(*sequence)]).await;
        }
        self.list(&EVERYTHING).await.iter().map(|letter| letter.id).collect()
    }
}

/// A page with whole payloads.
fn page(from: PageStart, limit: usize) -> LetterPage {
    LetterPage { from, limit, payload_bytes: usize::MAX }
}

fn sequences(letters: &[BuriedLetter]) -> Vec<u64> {
    letters.iter().map(|letter| letter.message.origin.sequence).collect()
}

fn letter(sequence: u64) -> DeadLetter {
    let origin = Origin {
        stream: "conformance ы".into(),
        stream_created: Some(OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1)),
        sequence,
        published: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(2),
        attempt: 3,
    };
    let (headers, payload) = ("NATS/1.0\r\n\r\n".into(), "{".into());
    let message = Message { origin, subject: "conformance".to_owned(), headers, payload };
    let rejection = Rejection::new(Reason::InvalidJson, "a detail");
    DeadLetter { message, document_key: None, rejection }
}

fn keyed(sequence: u64, key: &str) -> DeadLetter {
    DeadLetter { document_key: Some(key.to_owned()), ..letter(sequence) }
}

//! Sinks that are wrong about what they read.

use std::sync::Mutex;

use l0_stage::serde_json::Value;
use l0_stage::stored::{Entry, Lookup};
use l0_stage::{Bytes, Error, Reader, async_trait, serde_json};
use l0_testkit::conformance::{SinkLab as _, sink};
use l0_testkit::memory::Sink;
use tokio::task::yield_now;

use super::fault::{Fault, Lab, wrong_sinks};

#[derive(Default)]
struct PrintsAnew;

#[async_trait]
impl Fault for PrintsAnew {
    async fn documents(&self, sink: &Sink, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let anew = |payload: Bytes| {
            let json: Value = serde_json::from_slice(&payload).expect("a document");
            Bytes::from(json.to_string())
        };
        let documents = Reader::documents(sink, ids).await?.into_iter();
        Ok(documents.map(|document| document.map(anew)).collect())
    }
}

#[derive(Default)]
struct KnowsEveryId;

#[async_trait]
impl Fault for KnowsEveryId {
    async fn documents(&self, sink: &Sink, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let documents = Reader::documents(sink, ids).await?.into_iter();
        Ok(documents.map(|document| document.or(Some(Bytes::new()))).collect())
    }
}

#[derive(Default)]
struct Sorts;

#[async_trait]
impl Fault for Sorts {
    async fn documents(&self, sink: &Sink, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        Reader::documents(sink, &ids).await
    }
}

/// Readers at the same time get the answer of the last one.
#[derive(Default)]
struct AnswersTheLast(Mutex<Vec<i64>>);

#[async_trait]
impl Fault for AnswersTheLast {
    async fn documents(&self, sink: &Sink, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        *self.0.lock().expect("no panic") = ids.to_vec();
        yield_now().await;
        let last = self.0.lock().expect("no panic").clone();
        Reader::documents(sink, &last).await
    }
}

/// A list that is wrong in the way of its number.
#[derive(Default)]
struct Lists<const HOW: u8>;

const OLDEST_FIRST: u8 = 0;
const IGNORES_ID: u8 = 1;
const TRIMS: u8 = 2;
const ONE_ENTRY: u8 = 3;
const GUESSES: u8 = 4;
const COUNTS_AGAIN: u8 = 5;

#[async_trait]
impl<const HOW: u8> Fault for Lists<HOW> {
    async fn entries(
        &self,
        sink: &Sink,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let lookup = match (HOW, lookup.clone()) {
            (IGNORES_ID, Lookup::Id(_)) => Lookup::All,
            (TRIMS, Lookup::Field { name, value }) => {
                Lookup::Field { name, value: value.trim().to_owned() }
            }
            (_, lookup) => lookup,
        };
        let limit = if HOW == ONE_ENTRY { limit.min(1) } else { limit };
        let mut entries = match sink.entries(&lookup, before, limit).await {
            Err(_) if HOW == GUESSES => return Ok(Vec::new()),
            entries => entries?,
        };
        if HOW == OLDEST_FIRST {
            entries.reverse();
        }
        if HOW == COUNTS_AGAIN {
            entries.iter_mut().for_each(|entry| entry.deliveries = Some(4));
        }
        Ok(entries)
    }
}

wrong_sinks! {
    a_reader_that_prints_documents_anew_is_found:
        PrintsAnew, sink::digits_and_texts_come_back_byte_for_byte, "document ";
    a_reader_that_knows_every_id_is_found:
        KnowsEveryId, sink::an_id_that_was_never_given_is_none, "left: Some(b\"\")";
    a_reader_that_answers_in_its_own_order_is_found:
        Sorts, sink::many_ids_are_answered_one_by_one_in_their_order, "left: [None";
    a_reader_that_mixes_up_its_callers_is_found:
        AnswersTheLast, sink::many_readers_at_once_read_what_was_written, "`left == right` failed";
    a_list_with_the_oldest_first_is_found:
        Lists<OLDEST_FIRST>, sink::entries_are_listed_newest_first_and_in_pages, "right: [\"D\"";
    a_list_that_ignores_an_id_is_found:
        Lists<IGNORES_ID>, sink::an_entry_is_found_by_its_id, "left: ([2, 1]";
    a_list_that_trims_a_key_is_found:
        Lists<TRIMS>, sink::an_entry_is_found_by_its_key, "left: ([1], \"A\")";
    a_list_that_ends_too_early_is_found:
        Lists<ONE_ENTRY>, sink::entries_are_found_by_a_field_newest_first_and_in_pages,
        "right: [3, 1]";
    a_list_that_knows_every_field_is_found:
        Lists<GUESSES>, sink::an_unknown_field_is_refused_by_name, "Ok([])";
    a_list_that_counts_a_later_delivery_is_found:
        Lists<COUNTS_AGAIN>, sink::an_entry_tells_of_the_first_delivery_and_of_the_commit,
        "right: Some(3)";
}

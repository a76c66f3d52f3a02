//! Sinks that are wrong about documents.

use std::collections::HashMap;
use std::sync::Mutex;

use l0_stage::anyhow::anyhow;
use l0_stage::{Document, Encoded, Error, Outcome, Record, Rejection, Writer as _, async_trait};
use l0_testkit::conformance::{SinkLab as _, sink};
use l0_testkit::memory::Sink;
use tokio::task::yield_now;

use super::fault::{Fault, Lab, wrong_sinks};

#[derive(Default)]
struct CountsFromZero;

#[async_trait]
impl Fault for CountsFromZero {
    async fn write(&self, sink: &mut Sink, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let less = |outcome| match outcome {
            Outcome::Stored(id) => Outcome::Stored(id - 1),
            other => other,
        };
        Ok(sink.write(batch).await?.into_iter().map(less).collect())
    }
}

#[derive(Default)]
struct RefusesNothing;

#[async_trait]
impl Fault for RefusesNothing {
    async fn write(&self, sink: &mut Sink, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        if batch.is_empty() {
            return Err(Error::permanent(anyhow!("nothing to write")));
        }
        sink.write(batch).await
    }
}

#[derive(Default)]
struct Alone;

impl Fault for Alone {
    const ALONE: bool = true;
}

#[derive(Default)]
struct ForgivesConflicts;

#[async_trait]
impl Fault for ForgivesConflicts {
    async fn write(&self, sink: &mut Sink, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let forgiven = |outcome| match outcome {
            Outcome::Conflict(id) => Outcome::Duplicate(id),
            other => other,
        };
        Ok(sink.write(batch).await?.into_iter().map(forgiven).collect())
    }
}

#[derive(Default)]
struct ComparesBytes;

#[async_trait]
impl Fault for ComparesBytes {
    async fn write(&self, sink: &mut Sink, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let outcomes = sink.write(batch).await?;
        let stored = sink.documents();
        let compared = outcomes.into_iter().zip(batch).map(|(outcome, record)| match outcome {
            Outcome::Duplicate(id) if stored[id as usize - 1] != record.message.payload => {
                Outcome::Conflict(id)
            }
            other => other,
        });
        Ok(compared.collect())
    }
}

#[derive(Default)]
struct Quotes;

impl Fault for Quotes {
    fn encode(&self, sink: &Sink, document: &Document) -> Result<Encoded, Rejection> {
        match document.json().get("unfit") {
            Some(text) => Err(Rejection::unfit(text.to_string())),
            None => sink.encode(document),
        }
    }
}

#[derive(Default)]
struct AsciiOnly;

impl Fault for AsciiOnly {
    fn encode(&self, sink: &Sink, document: &Document) -> Result<Encoded, Rejection> {
        match document.message().payload.is_ascii() {
            true => sink.encode(document),
            false => Err(Rejection::unfit("not ASCII")),
        }
    }
}

/// Draws an id for each record, new or not.
#[derive(Default)]
struct BurnsIds(Mutex<(i64, HashMap<i64, i64>)>);

#[async_trait]
impl Fault for BurnsIds {
    async fn write(&self, sink: &mut Sink, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let outcomes = sink.write(batch).await?;
        let (last, given) = &mut *self.0.lock().expect("no panic");
        let mut burn = |outcome| {
            *last += 1;
            match outcome {
                Outcome::Stored(id) => {
                    given.insert(id, *last);
                    Outcome::Stored(*last)
                }
                Outcome::Duplicate(id) => Outcome::Duplicate(given[&id]),
                other => other,
            }
        };
        Ok(outcomes.into_iter().map(&mut burn).collect())
    }
}

#[derive(Default)]
struct WritesOneByOne;

#[async_trait]
impl Fault for WritesOneByOne {
    async fn write(&self, sink: &mut Sink, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::new();
        for record in batch.chunks(1) {
            outcomes.extend(sink.write(record).await?);
            yield_now().await;
        }
        Ok(outcomes)
    }
}

wrong_sinks! {
    a_sink_whose_ids_count_from_0_is_found:
        CountsFromZero, sink::ids_count_from_1_and_each_belongs_to_its_document,
        "right: [1, 2, 3, 4]";
    a_sink_that_fails_without_records_is_found:
        RefusesNothing, sink::an_empty_batch_has_no_outcomes, "nothing to write";
    a_writer_that_knows_only_its_own_documents_is_found:
        Alone, sink::the_same_batch_again_is_duplicates_with_the_same_ids, "left: [Stored(1)";
    a_sink_that_forgives_conflicts_within_a_batch_is_found:
        ForgivesConflicts,
        sink::a_follower_within_a_batch_is_compared_with_the_first_of_its_key, "Conflict(1)";
    a_sink_that_compares_bytes_is_found:
        ComparesBytes, sink::equal_means_equal_as_json_with_numbers_digit_for_digit,
        "right: [Duplicate(1), Duplicate(1)]";
    a_sink_that_quotes_what_it_rejects_is_found:
        Quotes, sink::a_rejected_document_is_not_quoted, "unspeakable";
    a_sink_that_takes_only_ascii_is_found:
        AsciiOnly, sink::odd_but_good_documents_are_stored_and_recognized, "documents that fit";
    a_sink_that_draws_an_id_for_each_duplicate_is_found:
        BurnsIds, sink::duplicates_and_conflicts_burn_no_ids, "Stored(2)";
    a_sink_that_stores_a_batch_in_parts_is_found:
        WritesOneByOne, sink::writing_again_finds_out_what_became_of_a_dropped_write,
        "half a batch";
    two_writers_that_do_not_see_each_other_are_found:
        Alone, sink::two_writers_at_once_on_the_same_keys_agree, "they disagree";
    two_writers_that_do_not_see_their_conflict_are_found:
        Alone, sink::of_two_writers_with_different_contents_one_is_told_of_the_conflict,
        "they disagree";
}

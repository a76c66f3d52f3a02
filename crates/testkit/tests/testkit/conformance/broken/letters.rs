//! Sinks that are wrong about dead letters.

use l0_stage::letters::{BuriedLetter, DeadLetters as _, LetterFilter, LetterPage};
use l0_stage::{DeadLetter, Error, async_trait};
use l0_testkit::conformance::{SinkLab as _, dead_letters};
use l0_testkit::memory::Sink;

use super::fault::{Fault, Lab, wrong_sinks};

/// Forgets a part of each letter, or the letter, in the way of its number.
#[derive(Default)]
struct Buries<const HOW: u8>;

const WITHOUT_CREATION: u8 = 0;
const NO_EMPTY_ONES: u8 = 1;
const NO_ODD_KEYS: u8 = 2;

impl<const HOW: u8> Fault for Buries<HOW> {
    fn buried(&self, letters: &mut Vec<DeadLetter>) {
        match HOW {
            WITHOUT_CREATION => {
                letters.iter_mut().for_each(|it| it.message.origin.stream_created = None);
            }
            NO_EMPTY_ONES => letters.retain(|it| !it.message.payload.is_empty()),
            _ => {
                letters.retain(|it| it.document_key.as_ref().is_none_or(|key| !key.contains('\0')))
            }
        }
    }
}

#[derive(Default)]
struct Alone;

impl Fault for Alone {
    const ALONE: bool = true;
}

#[derive(Default)]
struct Shared;

impl Fault for Shared {
    const SHARED: bool = true;
}

/// Answers as if it had decided, and has not.
#[derive(Default)]
struct DecidesNothing;

#[async_trait]
impl Fault for DecidesNothing {
    async fn mark_replayed(&self, _: &Sink, _: &[(i64, i64)]) -> Result<(), Error> {
        Ok(())
    }
}

#[derive(Default)]
struct PurgesWhatIsDiscarded;

#[async_trait]
impl Fault for PurgesWhatIsDiscarded {
    async fn discard(&self, sink: &Sink, ids: &[i64]) -> Result<u64, Error> {
        sink.purge(ids).await
    }
}

/// Counts what it was asked for, not what it has done.
#[derive(Default)]
struct CountsWishes;

#[async_trait]
impl Fault for CountsWishes {
    async fn waiting(&self, sink: &Sink, _: usize) -> Result<usize, Error> {
        sink.waiting(usize::MAX).await
    }

    async fn discard(&self, sink: &Sink, ids: &[i64]) -> Result<u64, Error> {
        sink.discard(ids).await.map(|_| ids.len() as u64)
    }

    async fn purge(&self, sink: &Sink, ids: &[i64]) -> Result<u64, Error> {
        sink.purge(ids).await.map(|_| ids.len() as u64)
    }
}

/// A list that is wrong in the way of its number.
#[derive(Default)]
struct Lists<const HOW: u8>;

const REVERSED: u8 = 0;
const WHOLE: u8 = 1;
const UNFILTERED: u8 = 2;

#[async_trait]
impl<const HOW: u8> Fault for Lists<HOW> {
    async fn list(
        &self,
        sink: &Sink,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        let everything = LetterFilter {
            reason: None,
            since: None,
            until: None,
            document_key: None,
            decided: true,
        };
        let payload_bytes = if HOW == WHOLE { usize::MAX } else { page.payload_bytes };
        let page = LetterPage { from: page.from, limit: page.limit, payload_bytes };
        let filter = if HOW == UNFILTERED { &everything } else { filter };
        let mut letters = sink.list(filter, &page).await?;
        if HOW == REVERSED {
            letters.reverse();
        }
        Ok(letters)
    }
}

wrong_sinks! {
    a_sink_that_forgets_when_a_stream_was_created_is_found:
        Buries<WITHOUT_CREATION>,
        dead_letters::messages_that_differ_only_in_their_origin_are_letters_of_their_own,
        "right: 3";
    a_sink_that_buries_no_empty_message_is_found:
        Buries<NO_EMPTY_ONES>, dead_letters::an_empty_message_is_a_letter_like_any_other,
        "right: 2";
    a_sink_that_loses_letters_with_odd_keys_is_found:
        Buries<NO_ODD_KEYS>, dead_letters::any_document_key_can_be_buried,
        "right: [1, 2, 3, 4, 5, 6]";
    two_writers_that_bury_for_themselves_are_found:
        Alone, dead_letters::two_writers_that_bury_the_same_messages_at_once_keep_each_once,
        "left: []";
    a_sink_that_does_not_mark_a_replay_is_found:
        DecidesNothing, dead_letters::a_replayed_letter_is_hidden_and_knows_its_document,
        "a decision";
    a_sink_that_purges_what_is_discarded_is_found:
        PurgesWhatIsDiscarded, dead_letters::a_discarded_letter_is_decided_and_stays,
        "still there";
    a_sink_that_discards_a_decided_letter_is_found:
        CountsWishes, dead_letters::a_decided_letter_cannot_be_decided_again, "right: 0";
    a_sink_that_counts_every_waiting_letter_is_found:
        CountsWishes, dead_letters::waiting_letters_are_counted_up_to_a_limit, "at most 0";
    a_sink_that_counts_a_purged_letter_twice_is_found:
        CountsWishes, dead_letters::a_purged_letter_is_gone_and_counted_once, "right: 2";
    a_list_with_the_newest_letter_first_is_found:
        Lists<REVERSED>, dead_letters::letters_are_listed_oldest_first_and_in_pages,
        "left: [[1, 3]";
    a_list_with_the_oldest_letter_first_is_found:
        Lists<REVERSED>, dead_letters::letters_are_listed_newest_first_and_in_pages,
        "left: [[5, 4]";
    a_list_that_brings_whole_payloads_is_found:
        Lists<WHOLE>,
        dead_letters::a_page_brings_as_much_of_each_payload_as_was_asked_for_and_tells_its_whole_size,
        "`left == right` failed";
    a_list_that_ignores_the_key_of_a_document_is_found:
        Lists<UNFILTERED>, dead_letters::letters_are_found_by_the_key_of_their_document,
        "right: [1, 4]";
    a_list_that_ignores_a_filter_is_found:
        Lists<UNFILTERED>, dead_letters::a_filter_shows_what_fits_all_its_conditions,
        "right: [2]";
    two_pipelines_that_share_their_letters_are_found:
        Shared, dead_letters::two_pipelines_that_refuse_the_same_message_keep_two_letters,
        "right: ([1, 2], [1, 3])";
    a_pipeline_that_sees_the_letters_of_another_is_found:
        Shared, dead_letters::no_pipeline_sees_or_changes_the_letters_of_another,
        "right: [2, 1]";
    a_sink_that_does_not_know_the_letters_of_another_pipeline_is_found:
        Shared, dead_letters::letters_of_another_pipeline_are_mended_when_it_is_named,
        "right: [1, 3]";
}

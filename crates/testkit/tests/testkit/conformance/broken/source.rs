use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use l0_stage::anyhow::anyhow;
use l0_stage::observe::Backlog;
use l0_stage::{Bytes, Delivery, Error, Publisher, Receipt, Stop, Verdict, async_trait};
use l0_testkit::conformance::{
    AckWaitLab, Published, SourceLab, ack_wait, redelivery, remembering, source,
};
use l0_testkit::memory::Source;

/// Delivers more messages than it was asked for.
const GENEROUS: u8 = 0;
/// Says of every delivery that it is the first.
const FORGETS_ATTEMPTS: u8 = 1;
/// Delivers again what was settled.
const SETTLES_NOTHING: u8 = 2;
/// Delivers again at once what was given back for a while.
const IMPATIENT: u8 = 3;
/// Says of a second instance that it will never work.
const JEALOUS: u8 = 4;
/// Tells of a backlog that its lab knows nothing of.
const BOASTFUL: u8 = 5;
/// Makes text of every payload.
const TEXT_ONLY: u8 = 6;
/// Ends when nothing waits.
const HASTY: u8 = 7;
/// Publishes something else.
const MISPRINTS: u8 = 8;
/// Gives all messages the same sequence.
const ONE_NUMBER: u8 = 9;
/// Delivers each message twice at once.
const TWICE: u8 = 10;
/// Does not see a stop.
const DEAF: u8 = 11;
/// Takes more than it hands over.
const GREEDY: u8 = 12;
/// Settles what it hands over.
const SETTLES_EARLY: u8 = 13;

struct Lab<const FAULT: u8>(Source);

struct Wrong<const FAULT: u8>(Source);

struct WrongReceipt<const FAULT: u8>(Box<dyn Receipt>);

impl<const FAULT: u8> SourceLab for Lab<FAULT> {
    async fn open() -> Self {
        Self(Source::endless().redelivering())
    }

    async fn connect(&self) -> Arc<dyn l0_stage::Source> {
        Arc::new(Wrong::<FAULT>(self.0.clone()))
    }

    async fn connect_beside(&self) -> Result<Arc<dyn l0_stage::Source>, Error> {
        match FAULT {
            JEALOUS => Err(Error::permanent(anyhow!("there is one already"))),
            _ => Ok(self.connect().await),
        }
    }

    async fn publish(&self, payload: Bytes) -> Published {
        self.0.push(payload);
        Published { subject: "test".to_owned(), headers: Bytes::new() }
    }
}

impl<const FAULT: u8> AckWaitLab for Lab<FAULT> {
    const ACK_WAIT: Duration = Duration::from_secs(2);
}

#[async_trait]
impl<const FAULT: u8> l0_stage::Source for Wrong<FAULT> {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        let max = if FAULT == GENEROUS { max + 1 } else { max };
        let deaf = Stop::new();
        let receiving = self.0.receive(max, if FAULT == DEAF { &deaf } else { stop });
        let batch = match FAULT {
            HASTY => receiving.now_or_never().unwrap_or(Ok(None))?,
            _ => receiving.await?,
        };
        let Some(mut batch) = batch else { return Ok(None) };
        if FAULT == GREEDY && batch.len() > 1 {
            batch.pop();
        }
        if FAULT == TWICE {
            let twice = |it: &Delivery| Delivery::new(it.message.clone(), Box::new(Nothing));
            batch.extend(batch.iter().map(twice).collect::<Vec<_>>());
        }
        Ok(Some(batch.into_iter().map(wrong::<FAULT>).collect()))
    }

    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        (FAULT == MISPRINTS).then(|| Arc::new(Misprints(self.0.clone())) as Arc<dyn Publisher>)
    }

    fn backlog(&self) -> Option<Backlog> {
        (FAULT == BOASTFUL).then(Backlog::default)
    }
}

fn wrong<const FAULT: u8>(delivery: Delivery) -> Delivery {
    let Delivery { mut message, mut receipt, .. } = delivery;
    match FAULT {
        FORGETS_ATTEMPTS => message.origin.attempt = 1,
        TEXT_ONLY => {
            let text = String::from_utf8_lossy(&message.payload).into_owned();
            message.payload = text.into();
        }
        ONE_NUMBER => message.origin.sequence = 1,
        SETTLES_EARLY => {
            let settled = std::mem::replace(&mut receipt, Box::new(Nothing));
            let settling = settled.settle(Verdict::Stored { id: 1 });
            settling.now_or_never().expect("at once").expect("settled");
        }
        _ => {}
    }
    Delivery::new(message, Box::new(WrongReceipt::<FAULT>(receipt)))
}

#[async_trait]
impl<const FAULT: u8> Receipt for WrongReceipt<FAULT> {
    async fn extend(&self) {
        self.0.extend().await;
    }

    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        match (FAULT, verdict) {
            (SETTLES_NOTHING, _) => Ok(()),
            (IMPATIENT, Verdict::Returned(_)) => {
                self.0.settle(Verdict::Returned(Duration::ZERO)).await
            }
            (_, verdict) => self.0.settle(verdict).await,
        }
    }
}

/// A receipt of no message.
struct Nothing;

#[async_trait]
impl Receipt for Nothing {
    async fn extend(&self) {}

    async fn settle(self: Box<Self>, _: Verdict) -> Result<(), Error> {
        Ok(())
    }
}

struct Misprints(Source);

#[async_trait]
impl Publisher for Misprints {
    async fn publish(&self, _: Bytes) -> Result<(), Error> {
        self.0.push("misprint");
        Ok(())
    }
}

/// Writes a test for each wrong source: its suite finds it. The clock goes on while all wait, so that no test
/// waits for the patience of a suite.
macro_rules! wrong_sources {
    ($($name:ident: $fault:ident, $suite:ident::$behaviour:ident, $words:literal;)*) => { $(
        #[tokio::test(start_paused = true)]
        #[should_panic(expected = $words)]
        async fn $name() {
            $suite::$behaviour(Lab::<$fault>::open().await).await;
        }
    )* };
}

wrong_sources! {
    a_source_that_makes_text_of_bytes_is_found:
        TEXT_ONLY, source::what_was_published_arrives_byte_for_byte_with_its_headers, "left: None";
    a_source_that_ends_when_nothing_waits_is_found:
        HASTY, source::who_waits_gets_the_message_that_comes, "not the end";
    a_publisher_that_publishes_something_else_is_found:
        MISPRINTS, source::what_its_publisher_published_arrives, "left: b\"misprint\"";
    a_source_that_gives_one_number_to_all_is_found:
        ONE_NUMBER, source::an_origin_tells_a_message_from_every_other, "right: 5";
    a_source_that_gives_a_message_to_two_is_found:
        TWICE, source::of_many_receivers_at_once_each_message_reaches_one,
        "`left == right` failed";
    a_source_that_does_not_stop_is_found:
        DEAF, source::a_stop_ends_the_input_of_those_who_wait_and_those_who_come,
        "those who wait are let go";
    a_source_that_forgets_at_the_end_what_was_settled_is_found:
        SETTLES_NOTHING,
        remembering::after_close_everything_settled_is_gone_and_everything_else_is_not,
        "right: 1";
    a_source_that_takes_more_than_it_hands_over_is_found:
        GREEDY,
        remembering::after_a_stop_under_load_the_rest_waits_for_the_next_source_as_attempt_1,
        "right: 1";
    a_publisher_that_confirms_what_it_does_not_hold_is_found:
        MISPRINTS, remembering::what_its_publisher_confirmed_is_held_for_the_next_source,
        "`left == right` failed";
    a_source_that_settles_what_it_hands_over_is_found:
        SETTLES_EARLY,
        remembering::what_was_not_settled_is_delivered_by_the_next_source_though_others_behind_it_were,
        "in time";
}

#[tokio::test]
#[should_panic(expected = "2 of at most 1")]
async fn a_source_that_hands_over_too_much_is_found() {
    let lab = Lab::<GENEROUS>::open().await;
    source::a_batch_is_never_empty_and_never_larger_than_asked_for(lab).await;
}

#[tokio::test]
#[should_panic(expected = "the lab says that it tells of none")]
async fn a_source_with_a_backlog_that_nobody_checks_is_found() {
    let lab = Lab::<BOASTFUL>::open().await;
    source::a_backlog_counts_what_waits_and_what_is_in_hand(lab).await;
}

#[tokio::test]
#[should_panic(expected = "right: (1, 2)")]
async fn a_source_that_forgets_how_often_it_delivered_is_found() {
    let lab = Lab::<FORGETS_ATTEMPTS>::open().await;
    redelivery::a_delivery_whose_receipt_was_dropped_comes_again_unchanged_as_attempt_2(lab).await;
}

#[tokio::test]
#[should_panic(expected = "right: \"dropped\"")]
async fn a_source_that_delivers_again_what_was_settled_is_found() {
    let lab = Lab::<SETTLES_NOTHING>::open().await;
    redelivery::what_was_settled_as_done_never_comes_again(lab).await;
}

#[tokio::test]
#[should_panic(expected = "instead of 500ms")]
async fn a_source_that_does_not_wait_with_what_was_given_back_is_found() {
    let lab = Lab::<IMPATIENT>::open().await;
    redelivery::what_was_given_back_comes_again_after_its_delay_and_not_before(lab).await;
}

#[tokio::test]
#[should_panic(expected = "says how often")]
async fn a_source_with_an_ack_wait_that_it_does_not_tell_is_found() {
    let lab = Lab::<GENEROUS>::open().await;
    ack_wait::what_is_extended_does_not_come_again(lab).await;
}

#[tokio::test]
#[should_panic(expected = "has to wait or to work")]
async fn a_source_that_stops_a_second_instance_for_good_is_found() {
    let lab = Lab::<JEALOUS>::open().await;
    remembering::a_second_source_beside_a_live_one_shares_with_it_or_waits(lab).await;
}

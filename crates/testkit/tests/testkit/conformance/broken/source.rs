use std::sync::Arc;
use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::observe::Backlog;
use l0_stage::{Bytes, Delivery, Error, Receipt, Stop, Verdict, async_trait};
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
        let batch = self.0.receive(max, stop).await?;
        Ok(batch.map(|batch| batch.into_iter().map(wrong::<FAULT>).collect()))
    }

    fn backlog(&self) -> Option<Backlog> {
        (FAULT == BOASTFUL).then(Backlog::default)
    }
}

fn wrong<const FAULT: u8>(delivery: Delivery) -> Delivery {
    let Delivery { mut message, receipt, .. } = delivery;
    if FAULT == FORGETS_ATTEMPTS {
        message.origin.attempt = 1;
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

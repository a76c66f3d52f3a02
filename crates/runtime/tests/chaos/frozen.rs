//! A pause of seconds on either side costs these seconds, and no more.

use std::time::Duration;

use l0_testkit::{eventually, require_services};
use tokio::time::sleep;

use crate::lab::{Lab, long};
use crate::stack::{Pipeline, SOON};

const PAUSE: Duration = Duration::from_secs(6);

/// Uses the default ack wait of 30 s, after which an abandoned pull's messages would be delivered
/// again. Batches are small, so that some pulls are open at any moment.
async fn begin(lab: &Lab) -> Pipeline {
    lab.stack.begin_with(["run", "--set", "pipeline.max_batch=20"]).await
}

/// Freezes one side during a drain.
async fn delivers_nothing_twice(freeze: fn(&Lab, &Pipeline), thaw: fn(&Lab, &Pipeline)) {
    let mut lab = Lab::start().await;
    lab.producer.burst(if long().is_some() { 30_000 } else { 10_000 }).await;
    let pipeline = begin(&lab).await;
    let is_at_work = async || (lab.waiting().await?.0 > 0).then_some(());
    eventually(SOON, "work in hand", is_at_work).await;
    freeze(&lab, &pipeline);
    sleep(PAUSE).await;
    thaw(&lab, &pipeline);
    lab.verdict(pipeline).await;
    assert_eq!(lab.redeliveries().await, 0);
}

#[tokio::test]
async fn a_runtime_that_stood_still_in_a_drain_is_given_nothing_twice() {
    require_services!();
    let freeze = |_: &Lab, pipeline: &Pipeline| pipeline.runtime.freeze();
    delivers_nothing_twice(freeze, |_, pipeline| pipeline.runtime.thaw()).await;
}

#[tokio::test]
async fn a_nats_server_that_stood_still_in_a_drain_gives_nothing_twice() {
    require_services!();
    let freeze = |lab: &Lab, _: &Pipeline| lab.stack.nats.freeze();
    delivers_nothing_twice(freeze, |lab, _| lab.stack.nats.thaw()).await;
}

/// All its pulls are open, and are answered while it is frozen.
#[tokio::test]
async fn a_runtime_that_stood_still_while_it_waited_is_given_nothing_twice() {
    require_services!();
    let mut lab = Lab::start().await;
    let pipeline = begin(&lab).await;
    let all_wait = async || lab.durable().await.filter(|durable| durable.num_waiting == 10);
    eventually(SOON, "ten open pulls", all_wait).await;
    pipeline.runtime.freeze();
    lab.producer.burst(1_000).await;
    sleep(PAUSE).await;
    pipeline.runtime.thaw();
    lab.verdict(pipeline).await;
    assert_eq!(lab.redeliveries().await, 0);
}

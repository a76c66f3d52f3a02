//! A pause of seconds on either side costs these seconds, and no more.

use std::time::Duration;

use l0_testkit::{eventually, require_services};
use tokio::time::sleep;

use crate::lab::{Lab, long};
use crate::stack::{Pipeline, SOON};

const PAUSE: Duration = Duration::from_secs(6);

/// Freezes one side in the middle of a drain. A pull that was given up would come again after its ack
/// wait, which is the default of 30 s here.
async fn delivers_nothing_twice(freeze: fn(&Lab, &Pipeline), thaw: fn(&Lab, &Pipeline)) {
    let mut lab = Lab::start().await;
    lab.producer.burst(if long().is_some() { 30_000 } else { 10_000 }).await;
    let pipeline = lab.stack.begin_with(["run"]).await;
    let is_at_work = async || (lab.waiting().await?.0 > 0).then_some(());
    eventually(SOON, "work in hand", is_at_work).await;
    freeze(&lab, &pipeline);
    sleep(PAUSE).await;
    thaw(&lab, &pipeline);
    lab.verdict(pipeline).await;
    assert_eq!(lab.redeliveries().await, 0);
}

#[tokio::test]
async fn a_runtime_that_stood_still_is_given_nothing_twice() {
    require_services!();
    let freeze = |_: &Lab, pipeline: &Pipeline| pipeline.runtime.freeze();
    delivers_nothing_twice(freeze, |_, pipeline| pipeline.runtime.thaw()).await;
}

#[tokio::test]
async fn a_nats_server_that_stood_still_gives_nothing_twice() {
    require_services!();
    let freeze = |lab: &Lab, _: &Pipeline| lab.stack.nats.freeze();
    delivers_nothing_twice(freeze, |lab, _| lab.stack.nats.thaw()).await;
}

use std::time::Duration;

use l0_testkit::require_services;
use tokio::time::sleep;

use crate::lab::{Lab, RATE, survives};
use crate::stack::SOON;

#[tokio::test]
async fn a_second_instance_on_the_same_durable_that_is_killed() {
    require_services!();
    survives(async |lab, _| {
        let second = lab.stack.run().await;
        sleep(Duration::from_millis(500)).await;
        lab.kill(second).await;
    })
    .await;
}

#[tokio::test]
async fn a_second_signal_that_ends_the_drain() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.producer.burst(5_000).await;
    let flow = lab.producer.flow(RATE);
    let pipeline = lab.stack.run().await;
    lab.until_it_flows().await;

    lab.stack.postgres.freeze(); // or it would have drained before the second signal
    pipeline.runtime.term();
    pipeline.runtime.wait_for_log("draining", SOON).await;
    pipeline.runtime.term();
    assert_eq!(pipeline.runtime.wait(SOON).await.code(), Some(128 + 15));
    lab.stack.postgres.thaw();
    lab.ended(&pipeline);

    let pipeline = lab.stack.run().await;
    lab.until_it_flows().await;
    flow.stop().await;
    lab.verdict(pipeline).await;
    lab.saw_everything().await;
}

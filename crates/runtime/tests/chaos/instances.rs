use std::time::Duration;

use l0_testkit::ledger::Content;
use l0_testkit::{eventually, require_services};
use tokio::time::sleep;

use crate::keys::hold;
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

/// The sequences that one instance has in hand are given again to the other. Its acks must not
/// remove messages that the other holds and has not stored.
#[tokio::test]
async fn acks_of_a_stream_that_was_deleted_remove_nothing_from_the_one_made_anew() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.stack.set("WORKER_QUANTITY", "1");
    let (mut key_of_busy, mut key_of_idle) = (hold(&lab, 7).await, hold(&lab, 107).await);
    let good = |keys: std::ops::Range<u64>| {
        keys.map(|key| lab.ledger.intend_exactly(key, Content::Good)).collect::<Vec<_>>()
    };
    // No probe tells the busy instance.
    lab.stack.set("L0_SOURCE__NATS__PROBE_SECS", "60").set("L0_SOURCE__NATS__ACK_WAIT_SECS", "5");
    let begin = async || lab.stack.begin_with(["run"]).await;
    let pulls = async || lab.durable().await.filter(|durable| durable.num_waiting > 0);

    lab.producer.publish(good(0..20)).await;
    let busy = begin().await;
    busy.until_unready("sink:contended").await;
    let idle = begin().await;
    eventually(SOON, "the idle one pulls", pulls).await;
    lab.delete_stream().await;
    eventually(SOON, "the idle one pulls from a new stream", pulls).await;
    // Its open pull brings one message, and the next pull all the others.
    idle.runtime.freeze();
    lab.producer.publish(good(100..120)).await;
    idle.runtime.thaw();
    eventually(SOON, "it holds them", async || (lab.waiting().await?.0 > 15).then_some(())).await;

    sqlx::raw_sql("ROLLBACK").execute(&mut key_of_busy).await.unwrap();
    eventually(SOON, "the busy one has done its batch", pulls).await;
    idle.runtime.kill().await;
    sqlx::raw_sql("ROLLBACK").execute(&mut key_of_idle).await.unwrap();
    lab.verdict(busy).await;
}

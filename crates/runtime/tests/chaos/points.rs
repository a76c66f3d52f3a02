use l0_testkit::require_services;

use crate::lab::{Lab, RATE};
use crate::stack::SOON;

/// The points at which the engine is killed, and how often it passes each before.
const POINTS: [&str; 8] = [
    "after-pull=5*off->return",
    "before-write=20*off->return",
    "after-commit=3*off->return",
    "between-acks=700*off->return",
    "before-burial=3*off->return",
    "after-burial=3*off->return",
    "in-bisection=return",
    "in-bisection=20*off->return",
];

#[tokio::test]
async fn a_runtime_killed_at_any_named_point_loses_and_doubles_nothing() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.producer.burst(5_000).await;
    let flow = lab.producer.flow(RATE);
    for point in POINTS {
        lab.stack.set("FAILPOINTS", point);
        let pipeline = lab.stack.begin().await;
        let status = pipeline.runtime.wait(SOON).await;
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{point}");
        assert!(lab.waiting().await.unwrap().1 > 0, "idle at {point}");
        lab.ended(&pipeline);
    }
    lab.stack.set("FAILPOINTS", "");
    let pipeline = lab.stack.run().await;
    lab.until_it_flows().await;
    flow.stop().await;
    lab.verdict(pipeline).await;
    lab.saw_everything().await;
}

#[tokio::test]
async fn a_worker_that_panics_is_replaced_and_its_batch_comes_again() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.stack.set("FAILPOINTS", "before-write=10*off->1*panic->30*off->1*panic");
    lab.producer.burst(5_000).await;
    let flow = lab.producer.flow(RATE);
    let pipeline = lab.stack.run().await;
    pipeline.runtime.wait_for_log("a worker panicked", SOON).await;
    lab.until_it_flows().await;
    flow.stop().await;
    lab.verdict(pipeline).await;
    assert!(lab.log().matches("a worker panicked").count() == 2, "{}", lab.log());
    lab.saw_everything().await;
}

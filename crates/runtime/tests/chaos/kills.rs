use std::time::{Duration, Instant};

use l0_testkit::require_services;
use tokio::time::sleep;

use crate::lab::{Lab, RATE, long};

#[tokio::test]
async fn a_runtime_killed_at_random_instants_loses_and_doubles_nothing() {
    require_services!();
    let kills = long().unwrap_or(5);
    let mut lab = Lab::start().await;
    lab.producer.burst(5_000).await;
    let (begun, before) = (Instant::now(), lab.ledger.totals().confirmed);
    let flow = lab.producer.flow(RATE);
    let mut pipeline = lab.stack.run().await;
    for _ in 0..kills {
        sleep(Duration::from_millis(fastrand::u64(50..1_500))).await;
        lab.kill(pipeline).await;
        pipeline = lab.stack.run().await;
    }
    let published = lab.ledger.totals().confirmed - before;
    let per_second = published as f64 / begun.elapsed().as_secs_f64();
    println!("{kills} kills while {per_second:.0} messages arrived per second");
    assert!(per_second >= 1_000.0, "only {per_second:.0} messages per second");
    flow.stop().await;
    lab.verdict(pipeline).await;
    lab.saw_everything().await;
}

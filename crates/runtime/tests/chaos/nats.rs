use std::time::Duration;

use l0_testkit::require_services;
use tokio::time::sleep;

use crate::lab::{long, survives};

#[tokio::test]
async fn a_nats_server_that_is_killed() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.stack.nats.kill().await;
        pipeline.until_unready("source:unreachable").await;
        lab.stack.nats.restart().await;
    })
    .await;
}

#[tokio::test]
async fn a_nats_server_that_is_restarted_in_order() {
    require_services!();
    survives(async |lab, _| {
        lab.stack.nats.stop().await;
        lab.stack.nats.restart().await;
    })
    .await;
}

#[tokio::test]
async fn a_nats_server_that_is_frozen() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.stack.nats.freeze();
        pipeline.until_unready("source:timed_out").await;
        if long().is_some() {
            sleep(Duration::from_secs(30)).await;
        }
        lab.stack.nats.thaw();
    })
    .await;
}

use std::time::Duration;

use l0_testkit::{Link, require_services};
use tokio::time::sleep;

use crate::lab::survives;

const A_WHILE: Duration = Duration::from_secs(4);

#[tokio::test]
async fn a_link_to_postgres_that_is_cut() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.postgres_link.set(Link::Cut);
        pipeline.until_unready("sink:unreachable").await;
    })
    .await;
}

#[tokio::test]
async fn a_link_to_nats_that_is_cut() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.nats_link.set(Link::Cut);
        pipeline.until_unready("source:unreachable").await;
    })
    .await;
}

/// Statements that the silence held back arrive after it, when other workers have done their work.
#[tokio::test]
async fn a_link_to_postgres_that_falls_silent() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.postgres_link.set(Link::BlackHole);
        pipeline.until_unready("sink:timed_out").await;
    })
    .await;
}

#[tokio::test]
async fn a_link_to_nats_that_falls_silent() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.nats_link.set(Link::BlackHole);
        pipeline.until_unready("source:timed_out").await;
    })
    .await;
}

#[tokio::test]
async fn links_that_are_slow() {
    require_services!();
    survives(async |lab, _| {
        lab.postgres_link.set(Link::Delay(Duration::from_millis(200)));
        lab.nats_link.set(Link::Delay(Duration::from_millis(50)));
        sleep(A_WHILE).await;
    })
    .await;
}

/// Statements are committed, but their answers never arrive completely.
#[tokio::test]
async fn a_link_to_postgres_that_breaks_in_the_middle_of_answers() {
    require_services!();
    survives(async |lab, _| {
        for bytes in [4_000, 2_000, 8_000, 900] {
            lab.postgres_link.set(Link::CutAfter(bytes));
            sleep(A_WHILE / 4).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_to_nats_that_breaks_in_the_middle_of_batches() {
    require_services!();
    survives(async |lab, _| {
        for bytes in [40_000, 20_000, 80_000, 900] {
            lab.nats_link.set(Link::CutAfter(bytes));
            sleep(A_WHILE / 4).await;
        }
    })
    .await;
}

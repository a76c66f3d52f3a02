//! All attacks at once, while a client of another address is served.

use std::time::Duration;

use l0_testkit::attack::{Attack, Doors, Good, Kind, TOKEN};
use l0_testkit::{Launch, eventually};

use crate::lab::{Lab, end};

/// The promise is 200 ms for a release on a machine of its own, which `make bench` measures. This
/// is a debug build, beside its attackers and other tests.
const IN_TIME: Duration = Duration::from_secs(20);
/// The memory that an attack may take: about 2,000 connections of 16 KiB in a release, twice that
/// in a debug build, and the bodies.
const TAKEN: usize = 128 << 20;
/// The part of it that may stay.
const LEFT: usize = 20 << 20;
/// Five times the 10 s between two looks at the memory, and the 10 s that half a request may take.
const CALM: Duration = Duration::from_secs(100);
const ROUNDS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn all_attacks_at_once_hold_no_door_shut_for_another_client_and_take_little_memory() {
    let lab = Lab::new();
    let demo = lab.start(&with_tokens(&lab)).await;
    let doors = Doors { page: lab.page(), ingest: lab.ingest() };
    let mut good = Good::new(doors, IN_TIME);
    good.posts_a_large_one().await;
    for _ in 0..ROUNDS {
        good.asks().await;
    }
    let rest = lab.memory("VmRSS");

    let attack = Attack::begin(doors, &Kind::ALL);
    attack.fills(lab.page()).await;
    for _ in 0..ROUNDS {
        good.asks().await;
    }
    drop(attack);

    let mib = |bytes: usize| bytes >> 20;
    let peak = lab.memory("VmHWM");
    assert!(peak <= rest + TAKEN, "{} MiB", mib(peak));
    let small = || Some(lab.memory("VmRSS")).filter(|left| *left <= rest + LEFT);
    let left = eventually(CALM, "the memory of before", async || small()).await;
    println!("memory: {} MiB at rest, {} at most, {} after", mib(rest), mib(peak), mib(left));
    good.asks().await;
    end(&demo).await;
}

fn with_tokens(lab: &Lab) -> Launch {
    let sections = ["source.http", "query.http"];
    let tokens = sections.map(|section| format!("{section}.token={TOKEN}"));
    lab.with_data().args(tokens.iter().flat_map(|token| ["--set", token]))
}

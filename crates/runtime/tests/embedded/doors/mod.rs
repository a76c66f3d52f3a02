//! Every attack at once, while a client of another address is served.

mod attacks;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use l0_testkit::http::{self, Answer};
use l0_testkit::{Launch, eventually};
use tokio::time::timeout;

use crate::lab::{Lab, end};

const TOKEN: &str = "door-keeper-door-keeper";
/// The promise is 200 ms, of a release on a machine of its own. This is a debug build, beside its attackers and other tests.
const IN_TIME: Duration = Duration::from_secs(20);
/// What an attack may take: some 2,000 connections, of 16 KiB in a release and twice that in a debug build,
/// and the bodies.
const TAKEN: usize = 128 << 20;
/// What of it may stay.
const LEFT: usize = 20 << 20;
/// Five times the 10 s between two looks at the memory, and the 10 s that a half-sent request may take.
const CALM: Duration = Duration::from_secs(100);
const ROUNDS: usize = 40;
/// Some of these are more than what the kernel keeps of a connection.
const LARGE: usize = 500_000;

#[tokio::test(flavor = "multi_thread")]
async fn all_attacks_at_once_hold_no_door_shut_for_another_client_and_take_little_memory() {
    attacks::require_descriptors();
    let lab = Lab::new();
    let demo = lab.start(&with_tokens(&lab)).await;
    let mut good = Good { page: lab.page(), ingest: lab.ingest(), taken: Vec::new() };
    good.posts_what_is_too_large_for_buffers().await;
    for round in 0..ROUNDS {
        good.asks(&format!("before {round}")).await;
    }
    good.tells("at rest");
    let rest = lab.memory("VmRSS");

    let attack = attacks::begin(lab.page(), lab.ingest(), TOKEN);
    attack.stands(lab.page()).await;
    for round in 0..ROUNDS {
        good.asks(&format!("under attack {round}")).await;
    }
    good.tells("under attack");
    drop(attack);

    let mib = |bytes: usize| bytes >> 20;
    let peak = lab.memory("VmHWM");
    assert!(peak <= rest + TAKEN, "{} MiB", mib(peak));
    let small = || Some(lab.memory("VmRSS")).filter(|left| *left <= rest + LEFT);
    let left = eventually(CALM, "the memory of before", async || small()).await;
    println!("memory: {} MiB at rest, {} at most, {} after", mib(rest), mib(peak), mib(left));
    good.asks("afterwards").await;
    end(&demo).await;
}

fn with_tokens(lab: &Lab) -> Launch {
    let sections = ["source.http", "query.http"];
    let tokens = sections.map(|section| format!("{section}.token={TOKEN}"));
    lab.with_data().args(tokens.iter().flat_map(|token| ["--set", token]))
}

/// A client that does as it should.
struct Good {
    page: SocketAddr,
    ingest: SocketAddr,
    /// How long each answer took.
    taken: Vec<Duration>,
}

impl Good {
    /// The document with the id 1.
    async fn posts_what_is_too_large_for_buffers(&mut self) {
        let padding = "x".repeat(LARGE);
        let body = format!(r#"{{"order_uid":"u","track_number":"large","entry":"{padding}"}}"#);
        let posted = self.takes(self.ingest, &post(&body)).await;
        assert_eq!((posted.status, posted.json()["id"].to_string()), (201, "1".to_owned()));
    }

    /// One document, what became of it, and the probes.
    async fn asks(&mut self, name: &str) {
        let body = format!(r#"{{"order_uid":"u","track_number":"{name}"}}"#);
        let posted = self.takes(self.ingest, &post(&body)).await;
        assert_eq!(posted.status, 201, "{name}: {posted:?}");
        let id = posted.json()["id"].to_string();
        for target in [&format!("/get-json?id={id}"), "/livez", "/readyz", "/metrics"] {
            assert_eq!(self.takes(self.page, &get(target)).await.status, 200, "{name}: {target}");
        }
        assert_eq!(self.takes(self.ingest, &get("/livez")).await.status, 200, "{name}");
    }

    async fn takes(&mut self, address: SocketAddr, request: &str) -> Answer {
        let asked = Instant::now();
        let answer = timeout(IN_TIME, http::exchange(address, request)).await;
        let answer = answer.unwrap_or_else(|_| panic!("not in time: {request}"));
        self.taken.push(asked.elapsed());
        answer
    }

    fn tells(&mut self, when: &str) {
        self.taken.sort_unstable();
        let (median, most) = (self.taken[self.taken.len() / 2], self.taken.last().unwrap());
        println!(
            "{when}: {} answers, {median:?} in the middle, {most:?} at most",
            self.taken.len()
        );
        self.taken.clear();
    }
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

fn post(body: &str) -> String {
    format!(
        "POST /documents HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

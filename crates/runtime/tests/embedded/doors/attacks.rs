//! Clients that mean no good, of many addresses, each with as many connections as it may have or more.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use l0_testkit::{eventually, http};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, timeout};

use crate::stack::SOON;

/// The least time between two connections that one attacker opens in the place of each other.
const ROUND: Duration = Duration::from_secs(5);
/// How long one that does not read holds its connection.
const BLIND: Duration = Duration::from_secs(15);
/// More connections than a listener has.
const FULL: usize = 900;

/// What goes on until it is dropped.
pub struct Attack(#[expect(dead_code, reason = "ends its tasks when it is dropped")] JoinSet<()>);

/// One kind of attack.
struct Kind {
    /// The third number of its addresses.
    network: u8,
    addresses: u8,
    /// Connections of each.
    each: usize,
    at: SocketAddr,
    request: Vec<u8>,
    reads: bool,
}

pub fn begin(page: SocketAddr, ingest: SocketAddr, token: &str) -> Attack {
    let kind = |network, (addresses, each), at, request: &str| {
        let request = request.replace('\n', "\r\n").into_bytes();
        Kind { network, addresses, each, at, request, reads: true }
    };
    let half = "GET /livez HTTP/1.1\nHost: ";
    let slow = format!(
        "POST /documents HTTP/1.1\nHost: localhost\nAuthorization: Bearer {token}\n\
         Content-Type: application/json\nContent-Length: 8388608\n\n{{"
    );
    let wrong = "POST /documents HTTP/1.1\nHost: localhost\nAuthorization: Bearer wrong\nConnection: close\n\
                 Content-Type: application/json\nContent-Length: 0\n\n";
    let large = "GET /get-json?id=1 HTTP/1.1\nHost: localhost\n\n".repeat(10);
    let mut kinds = vec![
        kind(1, (20, 55), page, half),
        kind(2, (20, 20), ingest, half),
        kind(3, (16, 64), page, "GET /livez HTTP/1.1\nHost: localhost\n\n"),
        kind(4, (4, 16), page, "GET /api/events HTTP/1.1\nHost: localhost\n\n"),
        kind(5, (16, 8), ingest, &slow),
        kind(6, (4, 8), ingest, wrong),
        Kind { reads: false, ..kind(7, (16, 2), page, &large) },
    ];
    let mut lines = kind(8, (2, 1), ingest, &slow);
    lines.request = lines_of_one(token);
    kinds.push(lines);
    let mut tasks = JoinSet::new();
    kinds.into_iter().for_each(|kind| kind.begin(&mut tasks));
    Attack(tasks)
}

impl Attack {
    /// Returns once the page has as many connections as it may.
    pub async fn stands(&self, page: SocketAddr) {
        eventually(SOON, "a crowd", async || {
            let metrics = String::from_utf8(http::get(page, "/metrics").await.body).ok()?;
            let line = metrics.lines().find(|it| it.starts_with("l0_http_connections{"))?;
            let (_, open) = line.rsplit_once(' ')?;
            (open.parse::<f64>().ok()? >= FULL as f64).then_some(())
        })
        .await;
    }
}

impl Kind {
    fn begin(self, tasks: &mut JoinSet<()>) {
        let kind = Arc::new(self);
        for number in 0..kind.addresses {
            for _ in 0..kind.each {
                let kind = Arc::clone(&kind);
                tasks.spawn(async move { kind.go_on(number).await });
            }
        }
    }

    /// One connection after the other.
    async fn go_on(&self, number: u8) {
        // Not all in the same moment.
        let mut rounds = interval_at(Instant::now() + ROUND.mul_f64(fastrand::f64()), ROUND);
        loop {
            rounds.tick().await;
            let Ok(mut stream) = self.intrude(number).await else { continue };
            if stream.write_all(&self.request).await.is_err() {
                continue;
            }
            let end = async {
                let mut taken = [0; 4096];
                while self.reads && stream.read(&mut taken).await.is_ok_and(|read| read > 0) {}
                if !self.reads {
                    std::future::pending::<()>().await;
                }
            };
            let _ = timeout(if self.reads { Duration::MAX } else { BLIND }, end).await;
        }
    }

    async fn intrude(&self, number: u8) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::new(127, 0, self.network, number), 0).into())?;
        if !self.reads {
            socket.set_recv_buffer_size(4096)?;
        }
        socket.connect(self.at).await
    }
}

/// As many lines as a body may have, none of them a document.
fn lines_of_one(token: &str) -> Vec<u8> {
    let body = "1\n".repeat(50_000);
    let head = format!(
        "POST /documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// Each connection of an attack is one of this process.
pub fn require_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    assert!(maximum.is_none_or(|most| most >= 5000), "needs 5000 descriptors: see `ulimit -Hn`");
}

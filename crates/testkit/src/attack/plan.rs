//! How each kind of attack is made.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, timeout};

use super::kind::{Doors, Kind, TOKEN};

/// The least time between two connections of one attacker, if the second replaces the first.
const ROUND: Duration = Duration::from_secs(5);
/// The same for an attacker that guesses a token.
const GUESS: Duration = Duration::from_millis(500);
/// How long an attacker that does not read holds its connection.
const BLIND: Duration = Duration::from_secs(15);

/// How an attack is made.
pub struct Plan {
    /// The third number of its IPv4 addresses.
    network: u8,
    addresses: u8,
    /// The number of connections of each address.
    each: usize,
    at: SocketAddr,
    request: Vec<u8>,
    reads: bool,
    round: Duration,
}

impl Plan {
    pub fn of(kind: Kind, Doors { page, ingest }: Doors) -> Self {
        let half = "GET /livez HTTP/1.1\nHost: ";
        let plan = |network, (addresses, each), at, request: &str| {
            let request = request.replace('\n', "\r\n").into_bytes();
            Self { network, addresses, each, at, request, reads: true, round: ROUND }
        };
        match kind {
            Kind::HalfAtThePage => plan(1, (20, 55), page, half),
            Kind::HalfAtTheIngest => plan(2, (20, 20), ingest, half),
            Kind::Idle => plan(3, (16, 64), page, &get("/livez")),
            Kind::EventStreams => plan(4, (4, 16), page, &with_token("GET /api/events", "\n")),
            Kind::SlowBodies => {
                plan(5, (16, 8), ingest, &with_token("POST /documents", &json(8_388_608, "{")))
            }
            Kind::WrongTokens => {
                let guess = "POST /documents HTTP/1.1\nHost: localhost\nAuthorization: Bearer wrong\nConnection: close\n";
                Self { round: GUESS, ..plan(6, (4, 8), ingest, &format!("{guess}{}", json(0, ""))) }
            }
            Kind::Unread => {
                let requests = with_token("GET /get-json?id=1", "\n").repeat(10);
                Self { reads: false, ..plan(7, (16, 2), page, &requests) }
            }
            Kind::ManyLines => {
                let lines = "1\n".repeat(50_000);
                let mut plan =
                    plan(8, (2, 1), ingest, &with_token("POST /documents", &ndjson(&lines)));
                plan.request.extend_from_slice(lines.as_bytes());
                plan
            }
        }
    }

    pub fn begin(self, tasks: &mut JoinSet<()>) {
        let plan = Arc::new(self);
        for number in 0..plan.addresses {
            for _ in 0..plan.each {
                let plan = Arc::clone(&plan);
                tasks.spawn(async move { plan.go_on(number).await });
            }
        }
    }

    /// Opens one connection after the other.
    async fn go_on(&self, number: u8) {
        // Spread, so that they do not come at the same moment.
        let mut rounds = interval_at(Instant::now() + ROUND.mul_f64(fastrand::f64()), self.round);
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

    async fn intrude(&self, number: u8) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::new(127, 0, self.network, number), 0).into())?;
        if !self.reads {
            socket.set_recv_buffer_size(4096)?;
        }
        socket.connect(self.at).await
    }
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\nHost: localhost\n\n")
}

/// A request with the token. `rest` follows the header of the token.
fn with_token(begin: &str, rest: &str) -> String {
    format!("{begin} HTTP/1.1\nHost: localhost\nAuthorization: Bearer {TOKEN}\n{rest}")
}

fn json(length: usize, body: &str) -> String {
    format!("Content-Type: application/json\nContent-Length: {length}\n\n{body}")
}

/// The head of a body of lines.
fn ndjson(lines: &str) -> String {
    let length = lines.len();
    format!("Connection: close\nContent-Type: application/x-ndjson\nContent-Length: {length}\n\n")
}

//! The good client that is served during an attack.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{Doors, TOKEN};
use crate::http::{self, Answer};

/// Larger than the kernel's buffers of a connection.
const LARGE: usize = 500_000;

/// A proper client, which notes how long each answer took.
#[derive(Debug)]
pub struct Good {
    doors: Doors,
    in_time: Duration,
    /// The number of its documents so far; each has its own key.
    posted: usize,
    taken: Vec<Duration>,
}

impl Good {
    /// A client that panics if an answer does not come in time.
    #[must_use]
    pub fn new(doors: Doors, in_time: Duration) -> Self {
        Self { doors, in_time, posted: 0, taken: Vec::new() }
    }

    /// The document with the id 1, too large for the buffers of a connection.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn posts_a_large_one(&mut self) {
        let padding = "x".repeat(LARGE);
        let body = format!(r#"{{"order_uid":"u","track_number":"large","entry":"{padding}"}}"#);
        let posted = self.takes(self.doors.ingest, &post(&body)).await;
        assert_eq!((posted.status, posted.json()["id"].to_string()), (201, "1".to_owned()));
    }

    /// Posts one document, checks what became of it, and asks the probes.
    ///
    /// # Panics
    /// One of them is refused.
    pub async fn asks(&mut self) {
        let Doors { page, ingest } = self.doors;
        self.posted += 1;
        let name = format!("good {}", self.posted);
        let body = format!(r#"{{"order_uid":"u","track_number":"{name}"}}"#);
        let posted = self.takes(ingest, &post(&body)).await;
        assert_eq!(posted.status, 201, "{name}: {posted:?}");
        let id = posted.json()["id"].to_string();
        for target in [&format!("/get-json?id={id}"), "/livez", "/readyz", "/metrics"] {
            assert_eq!(self.takes(page, &get(target)).await.status, 200, "{name}: {target}");
        }
        assert_eq!(self.takes(ingest, &get("/livez")).await.status, 200, "{name}");
    }

    /// How long each answer since the last call took, the shortest first.
    pub fn answers(&mut self) -> Vec<Duration> {
        self.taken.sort_unstable();
        std::mem::take(&mut self.taken)
    }

    async fn takes(&mut self, address: SocketAddr, request: &str) -> Answer {
        let asked = Instant::now();
        let answer = timeout(self.in_time, http::exchange(address, request)).await;
        let answer = answer.unwrap_or_else(|_| panic!("not in time: {request}"));
        self.taken.push(asked.elapsed());
        answer
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

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{Doors, TOKEN};
use crate::http::{self, Answer};

/// More than what the kernel keeps of a connection.
const LARGE: usize = 500_000;

/// A client that does as it should, and notes how long each answer took.
#[derive(Debug)]
pub struct Good {
    doors: Doors,
    in_time: Duration,
    /// Its documents so far, each with a key of its own.
    posted: usize,
    taken: Vec<Duration>,
}

impl Good {
    /// It panics where an answer is not there in time.
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

    /// One document, what became of it, and the probes.
    ///
    /// # Panics
    /// When one of them is refused.
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

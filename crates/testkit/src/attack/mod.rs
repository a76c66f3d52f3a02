//! Attackers from many addresses, each with as many connections as it may have or more; and a
//! good client, which must be served meanwhile.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod good;
mod plan;

use std::net::SocketAddr;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;

use self::plan::Plan;
use crate::{eventually, http};

pub use self::good::Good;

/// The token of both listeners, for the good client and for attacks that need it.
pub const TOKEN: &str = "door-keeper-door-keeper";

/// More connections than a listener has.
const FULL: f64 = 900.0;
/// Five times the time in which the slowest attack is complete.
const PATIENCE: Duration = Duration::from_secs(50);
/// The attack's connections are all in this process.
const DESCRIPTORS: u64 = 5_000;

/// The two listeners of one instance.
#[derive(Debug, Clone, Copy)]
pub struct Doors {
    /// Of `[query.http]`.
    pub page: SocketAddr,
    /// Of `[source.http]`.
    pub ingest: SocketAddr,
}

/// One kind of attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Requests to the page that are never completed.
    HalfAtThePage,
    /// Requests to the ingest that are never completed.
    HalfAtTheIngest,
    /// Connections that stay open after their answer.
    Idle,
    /// As many event streams as one address may have.
    EventStreams,
    /// Large bodies of which only one byte arrives.
    SlowBodies,
    /// Guesses of the token.
    WrongTokens,
    /// Large answers that are not read.
    Unread,
    /// Bodies of as many lines as allowed, none of them a document.
    ManyLines,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::HalfAtThePage,
        Self::HalfAtTheIngest,
        Self::Idle,
        Self::EventStreams,
        Self::SlowBodies,
        Self::WrongTokens,
        Self::Unread,
        Self::ManyLines,
    ];
}

/// An attack that runs until it is dropped.
#[derive(Debug)]
pub struct Attack(#[expect(dead_code, reason = "ends its tasks when it is dropped")] JoinSet<()>);

impl Attack {
    /// Begins an attack. Its connections are opened within the next seconds.
    ///
    /// # Panics
    /// This process may not open a descriptor for each connection.
    #[must_use]
    pub fn begin(doors: Doors, kinds: &[Kind]) -> Self {
        require_descriptors();
        let mut tasks = JoinSet::new();
        kinds.iter().for_each(|kind| Plan::of(*kind, doors).begin(&mut tasks));
        Self(tasks)
    }

    /// Returns once the page has as many connections as it may have. Only all kinds together reach
    /// that.
    ///
    /// # Panics
    /// It never has.
    pub async fn fills(&self, page: SocketAddr) {
        eventually(PATIENCE, "a crowd", async || {
            let metrics = String::from_utf8(http::get(page, "/metrics").await.body).ok()?;
            let line = metrics.lines().find(|it| it.starts_with("l0_http_connections{"))?;
            let (_, open) = line.rsplit_once(' ')?;
            (open.parse::<f64>().ok()? >= FULL).then_some(())
        })
        .await;
    }
}

fn require_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    raised.expect("up to the hard limit a process may raise its own");
    assert!(
        maximum.is_none_or(|most| most >= DESCRIPTORS),
        "needs {DESCRIPTORS} descriptors: see `ulimit -Hn`"
    );
}

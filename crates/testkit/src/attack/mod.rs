//! Clients that mean no good, of many addresses, each with as many connections as it may have or more; and one that
//! means well, which is to be served all the while.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod good;
mod plan;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;

use self::plan::Plan;
use crate::{eventually, http, require_descriptors};

pub use self::good::Good;

/// Of both listeners, for the good client and for those attacks that come past the door.
pub const TOKEN: &str = "door-keeper-door-keeper";

/// More connections than a listener has.
const FULL: f64 = 900.0;
/// Five times what the slowest attack takes to stand.
const PATIENCE: Duration = Duration::from_secs(50);
/// Each connection of an attack is one of this process.
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
    /// Requests to the page that are never sent to their end.
    HalfAtThePage,
    /// The same at the ingest.
    HalfAtTheIngest,
    /// Connections that stay open after their answer.
    Idle,
    /// As many event streams as an address may have.
    EventStreams,
    /// Large bodies, of which one byte comes.
    SlowBodies,
    /// Guesses of the token.
    WrongTokens,
    /// Large answers that are not read.
    Unread,
    /// Bodies of as many lines as there may be, none of them a document.
    ManyLines,
}

impl Kind {
    /// Every one.
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

/// What goes on until it is dropped.
#[derive(Debug)]
pub struct Attack(#[expect(dead_code, reason = "ends its tasks when it is dropped")] JoinSet<()>);

impl Attack {
    /// Its connections begin within the next seconds.
    ///
    /// # Panics
    /// When this process may not have a descriptor for each of its connections.
    #[must_use]
    pub fn begin(doors: Doors, kinds: &[Kind]) -> Self {
        require_descriptors(DESCRIPTORS);
        let mut tasks = JoinSet::new();
        kinds.iter().for_each(|kind| Plan::of(*kind, doors).begin(&mut tasks));
        Self(tasks)
    }

    /// Returns once the page has as many connections as it may: all kinds at once bring it there.
    ///
    /// # Panics
    /// When it never has.
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

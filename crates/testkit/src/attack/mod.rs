//! Attackers from many addresses, each with as many connections as it may have or more; and a
//! good client, which must be served meanwhile.

mod good;
mod kind;
mod plan;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;

use self::plan::Plan;
use crate::{eventually, http, require_descriptors};

pub use self::good::Good;
pub use self::kind::{Doors, Kind, TOKEN};

/// More connections than a listener has.
const FULL: f64 = 900.0;
/// Five times the time in which the slowest attack is complete.
const PATIENCE: Duration = Duration::from_secs(50);
/// The attack's connections are all in this process.
const DESCRIPTORS: u64 = 5_000;

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
        require_descriptors(DESCRIPTORS);
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

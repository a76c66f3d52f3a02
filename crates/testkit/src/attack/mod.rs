//! Clients that mean no good, of many addresses, each with as many connections as it may have or more; and one that
//! means well, which is to be served all the while.

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
/// Five times what the slowest attack takes to stand.
const PATIENCE: Duration = Duration::from_secs(50);
/// Each connection of an attack is one of this process.
const DESCRIPTORS: u64 = 5_000;

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

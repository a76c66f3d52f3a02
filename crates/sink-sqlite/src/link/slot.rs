//! The single connection that writes. All writers of an instance share it.
//!
//! The connection is taken out of its slot during work, and put back only in a known state.
//! Otherwise it is closed, so that SQLite rolls back open transactions, and the next work opens
//! another. Work is never cancelled. If a caller stops waiting, its work continues to its end, and
//! other callers wait for their turn.

use std::sync::Arc;
use std::time::Duration;

use l0_stage::Error;
use rusqlite::Connection;
use tokio::sync::Mutex;

use super::code;
use super::connect::{Opened, Opener};
use super::job;

/// Longest time for one piece of work, including its wait for another connection's lock.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);

pub(crate) struct Slot {
    opener: Opener,
    connection: Arc<Mutex<Option<Opened>>>,
}

impl Slot {
    pub fn new(opener: Opener, connection: Opened) -> Self {
        Self { opener, connection: Arc::new(Mutex::new(Some(connection))) }
    }

    /// Runs work that writes no document, so that no document is to blame for a failure.
    pub async fn work<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let classify = move |error| code::classify(error, doing);
        self.run(doing, move |opened| work(&mut opened.connection).map_err(classify)).await
    }

    /// Works with the connection. The work itself classifies its failures.
    pub async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Opened) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        // The wait for a turn has no limit: there may be many callers, and the work of each has a
        // limit.
        let mut slot = self.connection.clone().lock_owned().await;
        let opener = self.opener.clone();
        job::run(doing, ANSWER, move || {
            let mut opened = match slot.take().filter(|opened| opener.is_current(opened)) {
                Some(opened) => opened,
                None => opener.reopen()?,
            };
            let result = work(&mut opened);
            let known = matches!(result, Ok(_) | Err(Error::Refused(_)));
            *slot = Some(opened).filter(|opened| known && opened.connection.is_autocommit());
            result
        })
        .await
    }
}

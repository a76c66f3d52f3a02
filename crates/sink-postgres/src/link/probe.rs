//! Tests whether the server admits new sessions while the open ones work. So a changed
//! password, a dropped role or a server without free connections is known before a connection
//! breaks.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::connect::Connector;
use super::facts::Facts;

/// Time between two probes.
pub(crate) const EVERY: Duration = Duration::from_secs(20);

/// Longest wait for an answer, and for the end of the session.
const ANSWER: Duration = Duration::from_secs(5);

/// The task of the probe. It opens one session at a time, queries it and closes it. The task ends
/// when this handle is dropped.
pub(crate) struct Probe(JoinHandle<()>);

impl Probe {
    /// Starts the probe. Its first look comes after the first interval, because the sink has just
    /// been connected.
    pub fn start(connector: Connector, every: Duration) -> Self {
        Self(tokio::spawn(async move {
            let mut due = interval(every);
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            due.tick().await;
            loop {
                due.tick().await;
                look(&connector).await;
            }
        }))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn look(connector: &Connector) {
    match connector.probing().await {
        Ok(mut connection) => {
            connector.board.opened();
            learn(connector, &mut connection).await;
            // The server admitted the session. An error while closing it does not matter.
            let _ = timeout(ANSWER, connection.close()).await;
        }
        Err(refusal) => connector.board.refused(refusal),
    }
}

/// Notes what an open session reports.
pub(crate) async fn learn(connector: &Connector, connection: &mut PgConnection) {
    match timeout(ANSWER, Facts::ask(connection)).await {
        Ok(Ok(facts)) => connector.board.learned(facts, connector.address()),
        Ok(Err(_)) | Err(_) => connector.board.failed(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use l0_stage::{Context, Plugin};
    use l0_testkit::eventually;

    use super::*;
    use crate::PostgresConfig;

    #[tokio::test]
    async fn probing_ends_with_its_owner() {
        let mut file: toml::Table = toml::from_str(PostgresConfig::EXAMPLE).unwrap();
        let section = file.remove("sink").unwrap()["postgres"].clone();
        let config: PostgresConfig = section.try_into().unwrap();
        let (pipeline, base) = ("test".to_owned(), ".".into());
        let context = Context { pipeline, workers: 1, max_batch: 1, max_document_bytes: 1, base };
        let connector = Connector::for_workers(&config, &context);
        let board = Arc::downgrade(&connector.board);
        let probe = Probe::start(connector, Duration::from_millis(1));
        tokio::task::yield_now().await;
        assert!(board.upgrade().is_some(), "it is at work");
        drop(probe);
        let ended = async || board.upgrade().is_none().then_some(());
        eventually(Duration::from_secs(50), "the end of its task", ended).await;
    }
}

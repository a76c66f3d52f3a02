//! The task that probes the server and replaces dead clients.

use std::sync::Arc;
use std::time::Duration;

use l0_stage::{Error, Why};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::backlog::{Board, Look};
use super::clock::Clock;
use super::oldest::Oldest;
use super::returns::Returns;
use super::room::Room;
use crate::NatsConfig;
use crate::jetstream::api::Api;
use crate::jetstream::session::Sessions;
use crate::link::Link;
use crate::link::connect::PATIENCE;

/// After this many probes without an answer the client is replaced, even if it reports that it is
/// connected.
const MISSED: u32 = 2;

/// Pause between attempts to replace a dead client.
const RETRY: Duration = Duration::from_millis(500);

/// The task that keeps the connection working, and reads the backlog with its probes. It receives
/// and settles no messages. The task ends when this handle is dropped.
pub(crate) struct Keeper(JoinHandle<()>);

/// The parts of the source that the keeper works with.
pub(crate) struct Kept {
    pub link: Arc<Link>,
    pub config: Arc<NatsConfig>,
    pub sessions: Arc<Sessions>,
    pub board: Arc<Board>,
    pub room: Arc<Room>,
    pub clock: Arc<Clock>,
    pub oldest: Oldest,
    pub returns: Returns,
}

/// A probe without an answer.
struct Missed;

impl Keeper {
    pub fn start(kept: Kept) -> Self {
        Self(tokio::spawn(kept.keep()))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Kept {
    async fn keep(self) {
        let every = self.config.probe_every();
        let mut missed = 0;
        loop {
            let connection = self.link.connection();
            if !connection.is_dead() {
                missed = match self.probe(every).await {
                    Ok(seen) => {
                        tokio::select! {
                            // The time limit keeps the further questions from delaying the next
                            // probe.
                            _ = timeout(PATIENCE, self.study(seen)) => {}
                            () = connection.died() => {}
                        }
                        0
                    }
                    Err(Missed) => missed + 1,
                };
            }
            if connection.is_dead() || missed >= MISSED {
                if self.replace(connection.is_dead()).await {
                    missed = 0;
                    continue;
                }
                sleep(RETRY).await;
            }
            if !connection.is_dead() {
                tokio::select! {
                    () = sleep(every) => {}
                    () = connection.died() => {}
                }
            }
        }
    }

    async fn replace(&self, is_dead: bool) -> bool {
        let server = &self.link.address;
        match self.link.replace().await {
            Ok(()) => {
                let reason = if is_dead { "the client died" } else { "no answer to its probes" };
                tracing::warn!(%server, reason, "nats client replaced");
                true
            }
            Err(error) => {
                tracing::debug!(%error, "nats client not replaced");
                self.link.note(&error);
                false
            }
        }
    }

    /// Sends a request that the server itself must answer, so that a working socket alone does not
    /// pass.
    async fn probe(&self, every: Duration) -> Result<Option<Look>, Missed> {
        match timeout(PATIENCE.min(every), self.look()).await {
            Ok(Ok(seen)) => Ok(seen),
            Ok(Err(Error::Retryable { why: Why::Unreachable | Why::TimedOut, error })) => {
                tracing::debug!(%error, "probe not answered");
                Err(Missed)
            }
            Ok(Err(Error::Retryable { why: Why::Denied, error })) => {
                self.board.denied(error.to_string());
                // The server has refused the subscription to answers, so the client is replaced: a
                // new client subscribes again.
                if self.link.is_deaf() { Err(Missed) } else { Ok(None) }
            }
            // The server answered with an error, so the connection works. The receiver will report
            // the error in more detail.
            Ok(Err(_)) => Ok(None),
            Err(_) => Err(Missed),
        }
    }

    /// Asks further questions, whose answers say nothing about the connection.
    async fn study(&self, seen: Option<Look>) {
        let Some(look) = seen else { return };
        let (api, epoch) = (Api::new(&self.link, &self.config), self.link.epoch());
        let (oldest, (), difference) = tokio::join!(
            self.oldest.look(&api, epoch, &look),
            self.room.look(&self.link, &self.config, &look.stream),
            api.clock(),
        );
        self.board.note_oldest(oldest);
        if let Ok(Some(difference)) = difference {
            self.clock.note(difference, &self.link.address);
        }
    }

    async fn look(&self) -> Result<Option<Look>, Error> {
        let api = Api::new(&self.link, &self.config);
        let known = self.sessions.last_sequence().await;
        let returned = self.returns.figures();
        let (before, stream) = (api.consumer().await?, api.stream().await?);
        let (Some(before), Some(stream), Some(after)) = (before, stream, api.consumer().await?)
        else {
            return Ok(None);
        };
        let returns = [returned, self.returns.figures()];
        let look = Look { before, stream, after, returns };
        self.sessions.saw(known, &look.stream, &look.after).await;
        self.board.note(&look);
        Ok(Some(look))
    }
}

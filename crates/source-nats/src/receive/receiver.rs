//! How a worker gets its next batch.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Message as Wire;
use l0_stage::{Delivery, Error, Stop};
use tokio::sync::Notify;
use tokio::time::sleep;

use super::acks::Acks;
use super::inbox::{Inbox, doing};
use super::inboxes::Inboxes;
use super::message;
use super::pull::pull;
use crate::NatsConfig;
use crate::jetstream::api::Api;
use crate::jetstream::session::{Place, Session, Sessions};
use crate::link::{Connection, Epoch, Link};
use crate::poison::patrol::Beat;
use crate::poison::watchdog::Watchdog;
use crate::probe::backlog::Board;

/// Pause after an empty pull. The server ends a pull at once if other pulls already wait for
/// messages.
const PAUSE: Duration = Duration::from_millis(10);

/// The error for a message that could not be read again from the stream. It has already been
/// logged.
struct Waiting;

/// What a receiver shares with the rest of its source.
pub(crate) struct Receiving {
    pub link: Arc<Link>,
    pub config: Arc<NatsConfig>,
    pub sessions: Arc<Sessions>,
    pub board: Arc<Board>,
    pub acks: Arc<Acks>,
}

/// Pulls messages, and looks for those that break the client. All workers share it.
pub(crate) struct Receiver {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    stream: Arc<str>,
    sessions: Arc<Sessions>,
    board: Arc<Board>,
    acks: Arc<Acks>,
    inboxes: Inboxes,
    watchdog: Watchdog,
    /// Notified at each pull that the server has ended.
    answers: Notify,
}

impl Receiver {
    pub fn new(receiving: Receiving) -> Self {
        let Receiving { link, config, sessions, board, acks } = receiving;
        let stream = config.stream.as_str().into();
        let (inboxes, watchdog, answers) = Default::default();
        Self { link, config, stream, sessions, board, acks, inboxes, watchdog, answers }
    }

    /// The next batch, or `None` once a stop is requested.
    pub async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        loop {
            let ready = async {
                let session = self.sessions.current(&self.link, &self.config).await?;
                if let Err(error) = self.acks.confirm().await {
                    // Stream or durable may have been replaced: then this session is not valid any
                    // more.
                    self.sessions.end(session).await;
                    return Err(error);
                }
                Ok((session, self.patrol(session, max).await?))
            };
            // Before a pull is open, this work may be dropped at any point without losing messages.
            let (session, found) = tokio::select! {
                biased;
                () = stop.requested() => return Ok(None),
                ready = ready => ready?,
            };
            let batch = match found.is_empty() {
                true => self.pull(session, max).await?,
                false => found,
            };
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
            if let Some(error) = self.hindered().await {
                return Err(error);
            }
            sleep(PAUSE).await;
        }
    }

    /// Returns when the server ends the next pull.
    pub async fn answered(&self) {
        self.answers.notified().await;
    }

    async fn pull(&self, session: Session, max: usize) -> Result<Vec<Delivery>, Error> {
        let mut inbox = match self.inboxes.take(session) {
            Some(inbox) => inbox,
            None => Inbox::open(&self.link, &self.config, session).await?,
        };
        let pull = pull(&mut inbox, &self.link, &self.config, session.limits, max).await;
        match pull.is_broken {
            true => self.watchdog.suspect(pull.epoch, session.ack_wait),
            false => self.inboxes.keep(inbox),
        }
        match pull.end {
            Ok(()) if self.hindrance().is_none() => self.answers.notify_waiters(),
            Ok(()) => {}
            Err(_) => self.sessions.end(session).await,
        }
        // The received messages are delivered. If the pull failed, the failure will appear again at
        // the next pull.
        if pull.messages.is_empty() {
            return pull.end.map(|()| Vec::new());
        }
        // The connection may have changed unnoticed, so that the messages are of another stream.
        let session = match session.is_of(pull.epoch) {
            true => session,
            false => self.renewed(session, pull.epoch).await?,
        };
        let connection = self.link.connection();
        let mut deliveries = Vec::with_capacity(pull.messages.len());
        let mut may_ask = true;
        for wire in pull.messages {
            let claims_status = wire.status.is_some();
            let Some(taken) = self.delivery(session, &connection, wire) else { continue };
            if !claims_status {
                deliveries.push(taken);
            } else if may_ask {
                let exact = self.forged(taken).await;
                // Reading each further message could take as long to fail, so it is skipped. The
                // server delivers a skipped message again.
                may_ask = exact.is_ok();
                deliveries.extend(exact.ok().flatten());
            }
        }
        if let Some(last) = deliveries.iter().map(place).max() {
            self.sessions.received(session, last).await;
        }
        Ok(deliveries)
    }

    /// The hindrance that the last probe found, unless it has passed since.
    async fn hindered(&self) -> Option<Error> {
        self.hindrance()?;
        match Api::new(&self.link, &self.config).consumer().await {
            Ok(durable) => self.board.look_again(&durable?),
            Err(error) => return Some(error),
        }
        self.hindrance()
    }

    fn hindrance(&self) -> Option<Error> {
        self.board.hindrance(&doing(&self.config))
    }

    /// The current session, for messages of this connection. If the connection has changed again
    /// since, their receipts are valid only if the stream is still the same.
    async fn renewed(&self, before: Session, epoch: Epoch) -> Result<Session, Error> {
        let now = self.sessions.current(&self.link, &self.config).await?;
        Ok(if now.is_of(epoch) { now } else { now.with_receipts_of(before) })
    }

    fn delivery(&self, session: Session, connection: &Connection, wire: Wire) -> Option<Delivery> {
        let incarnation = self.sessions.incarnation(session);
        let created = session.stream_created;
        message::delivery(&self.acks, connection, &self.stream, created, incarnation, wire)
    }

    async fn forged(&self, taken: Delivery) -> Result<Option<Delivery>, Waiting> {
        message::forged(&Api::new(&self.link, &self.config), taken).await.map_err(|error| {
            tracing::warn!(%error, "messages with forged headers cannot be removed yet");
            Waiting
        })
    }

    async fn patrol(&self, session: Session, max: usize) -> Result<Vec<Delivery>, Error> {
        let beat = Beat {
            link: &self.link,
            config: &self.config,
            stream: &self.stream,
            stream_created: session.stream_created,
        };
        let found = self.watchdog.patrol(&beat, max).await;
        if found.is_err() {
            self.sessions.end(session).await;
        }
        found
    }
}

fn place(delivery: &Delivery) -> Place {
    let origin = &delivery.message.origin;
    Place { sequence: origin.sequence, published: origin.published }
}

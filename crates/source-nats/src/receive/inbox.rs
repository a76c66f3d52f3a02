//! Receives the answers to pulls.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::{Message, Subscriber};
use futures_util::StreamExt;
use l0_stage::{Error, serde_json};
use tokio::time::timeout;

use super::pulls::Pulls;
use crate::jetstream::limits::Limits;
use crate::jetstream::session::Session;
use crate::link::denials::Listener;
use crate::link::{Connection, Epoch, Link, Loss};
use crate::{NatsConfig, failure};

/// How long the first pull stays open if the server has no message. A quick end shows early that a
/// server that was away answers again.
const FIRST: Duration = Duration::from_millis(100);

/// After this much silence the server is asked whether it is there. The server should end each pull
/// within [`EXPIRES`](crate::jetstream::limits::EXPIRES), but the server or this process may have
/// been frozen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Receives the answers to pulls, one pull after the other, all under one wildcard. A late pull is
/// never abandoned: its messages still arrive here, and go to the worker that pulls next.
pub(crate) struct Inbox {
    pub connection: Arc<Connection>,
    /// The connection on which it was opened.
    pub epoch: Epoch,
    session: Session,
    loss: Loss,
    listener: Listener,
    answers: Subscriber,
    subject: String,
    /// First part of the subjects of pulls.
    api: String,
    pulls: Pulls,
}

/// The next thing that arrives at an inbox.
pub(crate) enum Answer {
    Message(Message),
    /// The server's status that ends a pull.
    Status(Message),
    /// The server's refusal of the pull.
    Denied(Arc<str>),
    /// The connection was lost. All messages that it had brought were returned before this.
    Lost,
    Silence,
}

impl Inbox {
    pub async fn open(link: &Link, config: &NatsConfig, session: Session) -> Result<Self, Error> {
        let connection = link.connection();
        let (loss, epoch) = (connection.loss(), connection.epoch());
        let subject = connection.client.new_inbox();
        let subscribing = connection.client.subscribe(format!("{subject}.*"));
        let answers = match timeout(PATIENCE, subscribing).await {
            Ok(Ok(answers)) => answers,
            Ok(Err(error)) => return Err(failure::unsent(error, doing(config))),
            Err(_) => return Err(link.silence(doing(config))),
        };
        let (listener, pulls) = (link.listen(), Pulls::default());
        let NatsConfig { stream, durable, .. } = config;
        let api = format!("{}.CONSUMER.MSG.NEXT.{stream}.{durable}", config.api());
        Ok(Self { connection, epoch, session, loss, listener, answers, subject, api, pulls })
    }

    /// Whether the messages of this inbox belong to this session's stream and connection.
    pub fn is_of(&self, session: Session) -> bool {
        session.is_of(self.epoch) && session.shares_receipts_with(self.session)
    }

    /// How many messages the open pulls may still bring.
    pub fn due(&self) -> usize {
        self.pulls.due()
    }

    /// Whether the server has ended every pull, so that the due messages are on their way.
    pub fn is_ended(&self) -> bool {
        self.pulls.are_ended()
    }

    /// Sends one more pull, for as many messages as the earlier pulls cannot bring.
    ///
    /// `no_wait` with an expiry gives both full batches and low latency. The server delivers what
    /// it has and ends the pull. On an empty stream it waits, and ends the pull with the first
    /// message.
    pub async fn ask(
        &mut self,
        link: &Link,
        config: &NatsConfig,
        limits: Limits,
        max: usize,
    ) -> Result<(), Error> {
        let batch = max.saturating_sub(self.due());
        if batch == 0 {
            return Ok(());
        }
        let expires =
            if self.pulls.next() == 0 { FIRST.min(limits.expires) } else { limits.expires };
        let request = BatchConfig {
            batch,
            expires: Some(expires),
            no_wait: true,
            max_bytes: limits.bytes,
            ..BatchConfig::default()
        };
        let request = serde_json::to_vec(&request).map_err(Error::permanent)?;
        self.listener = link.listen();
        let reply = format!("{}.{}", self.subject, self.pulls.next());
        let sending =
            self.connection.client.publish_with_reply(self.api.clone(), reply, request.into());
        match timeout(PATIENCE, sending).await {
            Ok(Ok(())) => self.pulls.open(batch),
            Ok(Err(error)) => return Err(failure::unsent(error, doing(config))),
            Err(_) => return Err(link.silence(doing(config))),
        }
        Ok(())
    }

    pub async fn next(&mut self, patience: Duration) -> Answer {
        let Self { answers, loss, listener, api, .. } = self;
        let next = async {
            tokio::select! {
                biased;
                answer = answers.next() => answer.map_or(Answer::Lost, Answer::Status),
                () = loss.happens() => Answer::Lost,
                denial = listener.denied(api) => Answer::Denied(denial),
            }
        };
        match timeout(patience, next).await.unwrap_or(Answer::Silence) {
            // Only a message has an ack subject, whatever status its headers claim.
            Answer::Status(message) if message.reply.is_some() => {
                self.pulls.bring();
                Answer::Message(message)
            }
            other => other,
        }
    }

    /// Takes a status that ends a pull. Returns whether that pull was open.
    pub fn end(&mut self, status: &Message) -> bool {
        let token = status.subject.rsplit('.').next().and_then(|token| token.parse().ok());
        token.is_some_and(|token| self.pulls.end(token, not_given(status)))
    }

    /// Forgets all pulls, because none of their messages will arrive any more.
    pub fn forget(&mut self) {
        self.pulls.forget();
    }
}

/// How many of its messages an ended pull did not get. The messages that it did get may arrive
/// after the status, because a replicated durable delivers a message only after most replicas know
/// of it. `None` if the status does not tell, and then no message is on its way.
fn not_given(status: &Message) -> Option<usize> {
    let pending = status.headers.as_ref()?.get("Nats-Pending-Messages")?;
    pending.as_str().parse().ok()
}

pub(crate) fn doing(config: &NatsConfig) -> String {
    format!("cannot receive from {}", config.place())
}

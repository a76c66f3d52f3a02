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

/// How long the first pull stays open when the server has nothing to give: its end tells that a server
/// which was away answers again.
const FIRST: Duration = Duration::from_millis(100);

/// Silence after which the server is asked whether it is there. It ends each pull within
/// [`EXPIRES`](crate::jetstream::limits::EXPIRES); but it may be frozen, and so may have been we.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Where the answers to pulls come, one after the other, all under one wildcard. A pull that takes
/// long is never abandoned: what it still brings comes here, and goes to the worker that pulls next.
pub(crate) struct Inbox {
    pub connection: Arc<Connection>,
    /// The connection it was opened on.
    pub epoch: Epoch,
    session: Session,
    loss: Loss,
    listener: Listener,
    answers: Subscriber,
    subject: String,
    /// Where pulls are sent.
    api: String,
    pulls: Pulls,
}

/// What comes next.
pub(crate) enum Answer {
    Message(Message),
    /// The server's last word on a pull.
    Status(Message),
    /// The server's word that we may not pull.
    Denied(Arc<str>),
    /// The connection was lost, and all that it had brought was handed over before.
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

    /// Whether what it brings is of the stream that this session knows, on the same connection.
    pub fn is_of(&self, session: Session) -> bool {
        session.is_of(self.epoch) && session.shares_receipts_with(self.session)
    }

    /// How many messages may still come.
    pub fn due(&self) -> usize {
        self.pulls.due()
    }

    /// Whether the server has ended every pull: what is due is on its way.
    pub fn is_ended(&self) -> bool {
        self.pulls.are_ended()
    }

    /// One pull more, for as many as no earlier one can bring.
    ///
    /// `no_wait` with an expiry is what gives both full batches and low latency: the server hands
    /// over what is there and ends the pull; on an empty stream it waits, and ends with the first
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
            // Only a message has a subject for its ack, whatever status its headers claim.
            Answer::Status(message) if message.reply.is_some() => {
                self.pulls.bring();
                Answer::Message(message)
            }
            other => other,
        }
    }

    /// Takes the server's word for the end of a pull; whether it is about one that was open.
    pub fn end(&mut self, status: &Message) -> bool {
        let token = status.subject.rsplit('.').next().and_then(|token| token.parse().ok());
        token.is_some_and(|token| self.pulls.end(token, not_given(status)))
    }

    /// Nothing of the pulls so far will come.
    pub fn forget(&mut self) {
        self.pulls.forget();
    }
}

/// How many messages a pull that has ended was not given. Some of the others may come after that
/// word: a durable with replicas hands a message over only once most of them know. None is on its
/// way where it says nothing.
fn not_given(status: &Message) -> Option<usize> {
    let pending = status.headers.as_ref()?.get("Nats-Pending-Messages")?;
    pending.as_str().parse().ok()
}

pub(crate) fn doing(config: &NatsConfig) -> String {
    format!("cannot receive from {}", config.place())
}

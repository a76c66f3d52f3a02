use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::{Message, Subscriber};
use futures_util::StreamExt;
use l0_stage::{Error, serde_json};
use tokio::time::timeout;

use super::pull::{Limits, PATIENCE, doing};
use crate::jetstream::session::Session;
use crate::link::current::{Connection, Epoch, Link, Loss};
use crate::link::denials::Listener;
use crate::{NatsConfig, failure};

/// How long the first pull stays open when the server has nothing to give: its end tells that a server
/// which was away answers again.
const FIRST: Duration = Duration::from_millis(100);

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
        self.pulls.open.clear();
    }
}

/// How many messages a pull that has ended was not given. Some of the others may come after that
/// word: a durable with replicas hands a message over only once most of them know. None is on its
/// way where it says nothing.
fn not_given(status: &Message) -> Option<usize> {
    let pending = status.headers.as_ref()?.get("Nats-Pending-Messages")?;
    pending.as_str().parse().ok()
}

/// The pulls that may still bring messages, the oldest first: the server serves them in this order.
#[derive(Default)]
struct Pulls {
    open: VecDeque<Pull>,
    made: u64,
}

struct Pull {
    token: u64,
    due: usize,
    is_ended: bool,
}

impl Pulls {
    fn next(&self) -> u64 {
        self.made
    }

    fn open(&mut self, due: usize) {
        self.open.push_back(Pull { token: self.made, due, is_ended: false });
        self.made += 1;
    }

    fn due(&self) -> usize {
        self.open.iter().map(|pull| pull.due).sum()
    }

    fn are_ended(&self) -> bool {
        self.open.iter().all(|pull| pull.is_ended)
    }

    /// A message does not say which pull it belongs to.
    fn bring(&mut self) {
        if let Some(oldest) = self.open.front_mut() {
            oldest.due -= 1;
            self.drop_done();
        }
    }

    /// The older ones have ended before it.
    fn end(&mut self, token: u64, not_given: Option<usize>) -> bool {
        let Some(place) = self.open.iter().position(|pull| pull.token == token) else {
            return false;
        };
        self.open.drain(..place);
        if let Some(ended) = self.open.front_mut() {
            ended.due = not_given.map_or(0, |not_given| ended.due.saturating_sub(not_given));
            ended.is_ended = true;
        }
        self.drop_done();
        true
    }

    fn drop_done(&mut self) {
        while self.open.front().is_some_and(|pull| pull.due == 0) {
            self.open.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pulls: [usize; 2]) -> Pulls {
        let mut all = Pulls::default();
        pulls.into_iter().for_each(|due| all.open(due));
        all
    }

    #[test]
    fn what_comes_is_counted_to_the_oldest_pull() {
        let mut pulls = of([2, 3]);
        (0..3).for_each(|_| pulls.bring());
        assert_eq!(pulls.due(), 2);
        assert!(!pulls.end(0, Some(1)), "it was given all");
        assert!(pulls.end(1, Some(2)));
        assert_eq!(pulls.due(), 0);
        // The server sends more than was asked for: it is taken all the same.
        pulls.bring();
        assert_eq!(pulls.due(), 0);
    }

    #[test]
    fn a_pull_that_has_ended_is_due_what_it_was_given_and_has_not_brought() {
        let mut pulls = of([10, 10]);
        pulls.bring();
        assert!(pulls.end(0, Some(7)));
        assert_eq!((pulls.due(), pulls.are_ended()), (12, false));
        // It says nothing: all has come. The older one can bring nothing after it.
        assert!(pulls.end(1, None));
        assert_eq!((pulls.due(), pulls.are_ended()), (0, true));
    }
}

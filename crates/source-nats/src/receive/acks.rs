//! How receipts reach the server, and whether they do: it answers an ack only if it is asked to, so a
//! sample of them asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::Subject;
use async_nats::jetstream::AckKind;
use l0_stage::Error;
use tokio::time::{Instant, timeout};

use crate::jetstream::api::Api;
use crate::jetstream::incarnation::Incarnation;
use crate::link::Link;
use crate::probe::returns::Returns;
use crate::{NatsConfig, failure};

/// Longest time the client may take to accept one ack; its queue is bounded.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time between two acks that ask for an answer.
const APART: Duration = Duration::from_secs(10);

/// The acks of one source.
pub(crate) struct Acks {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    pub returns: Returns,
    samples: Mutex<Samples>,
    failures: AtomicU64,
}

#[derive(Default)]
struct Samples {
    last: Option<Instant>,
    /// One that was not answered.
    lost: Option<To>,
}

/// Where an ack goes, as long as that means the same message.
#[derive(Clone)]
pub(crate) struct To {
    pub reply: Subject,
    pub incarnation: Incarnation,
}

impl Acks {
    pub fn new(link: Arc<Link>, config: Arc<NatsConfig>, returns: Returns) -> Self {
        Self { link, config, returns, samples: Mutex::default(), failures: AtomicU64::new(0) }
    }

    /// # Errors
    /// Where it is known not to have arrived: the message comes again.
    pub async fn settle(&self, to: &To, kind: AckKind) -> Result<(), Error> {
        let settled = self.try_settle(to, kind).await;
        if settled.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        settled
    }

    /// How many are known not to have arrived.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    async fn try_settle(&self, to: &To, kind: AckKind) -> Result<(), Error> {
        let can_ask = matches!(kind, AckKind::Ack) && to.incarnation.is_current();
        if can_ask && self.link.is_connected() && self.is_due() {
            let answered = self.ask(to).await;
            if answered.is_err() {
                self.samples().lost.get_or_insert_with(|| to.clone());
            }
            return answered;
        }
        self.send(to, kind).await
    }

    /// If stream or durable have become others meanwhile, nothing is sent: the message, if there still
    /// is one, comes again.
    pub async fn send(&self, to: &To, kind: AckKind) -> Result<(), Error> {
        if !to.incarnation.is_current() {
            tracing::debug!(reply = %to.reply, "stream or durable are others now: nothing sent");
            return Ok(());
        }
        let doing = || format!("cannot settle a message at nats at {}", self.link.address);
        // Without a connection the queue may fill up: a whole batch must not wait for each ack.
        let patience = if self.link.is_connected() { PATIENCE } else { Duration::ZERO };
        let connection = self.link.connection();
        match timeout(patience, connection.client.publish(to.reply.clone(), kind.into())).await {
            Ok(sent) => sent.map_err(|error| failure::unsent(error, doing())),
            Err(_) => Err(failure::unsent("the queue of the connection is full", doing())),
        }
    }

    /// Sends an ack that was not answered until it is: what is received before that would be stored and
    /// come again, for ever.
    ///
    /// # Errors
    /// Why acks do not arrive.
    pub async fn confirm(&self) -> Result<(), Error> {
        let Some(lost) = self.samples().lost.clone() else { return Ok(()) };
        if lost.incarnation.is_current() {
            self.ask(&lost).await?;
        }
        let mut samples = self.samples();
        samples.lost = samples.lost.take().filter(|it| it.reply != lost.reply);
        Ok(())
    }

    /// The ack itself is not answered by a durable that has lost sight of the delivery, for example
    /// because its server was killed just then. A word of progress behind it always is, and the server
    /// reads a connection in order.
    async fn ask(&self, to: &To) -> Result<(), Error> {
        self.send(to, AckKind::Ack).await?;
        Api::new(&self.link, &self.config).progress(to.reply.clone()).await
    }

    fn is_due(&self) -> bool {
        let mut samples = self.samples();
        let is_due = samples.last.is_none_or(|last| last.elapsed() >= APART);
        if is_due {
            samples.last = Some(Instant::now());
        }
        is_due
    }

    fn samples(&self) -> MutexGuard<'_, Samples> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! How receipts reach the server, and whether they do. The server answers an ack only on
//! request, so a sample of the acks requests it.

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

/// Longest time for the client to accept one ack. Its queue is bounded.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time between two acks that request an answer.
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
    /// An ack that requested an answer and got none.
    lost: Option<To>,
}

/// The subject of an ack, and the incarnation of stream and durable in which it means this message.
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
    /// The ack certainly did not reach the server. The message will be delivered again.
    pub async fn settle(&self, to: &To, kind: AckKind) -> Result<(), Error> {
        let settled = self.try_settle(to, kind).await;
        if settled.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        settled
    }

    /// How many acks certainly did not reach the server.
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

    /// Sends an ack. If stream or durable have been replaced, it sends nothing: the message, if it
    /// still exists, is delivered again.
    pub async fn send(&self, to: &To, kind: AckKind) -> Result<(), Error> {
        if !to.incarnation.is_current() {
            tracing::debug!(reply = %to.reply, "stream or durable were replaced: nothing sent");
            return Ok(());
        }
        let doing = || format!("cannot settle a message at nats at {}", self.link.address);
        // Without a connection the queue may stay full. A batch must not wait the full time for
        // each of its acks.
        let patience = if self.link.is_connected() { PATIENCE } else { Duration::ZERO };
        let connection = self.link.connection();
        match timeout(patience, connection.client.publish(to.reply.clone(), kind.into())).await {
            Ok(sent) => sent.map_err(|error| failure::unsent(error, doing())),
            Err(_) => Err(failure::unsent("the queue of the connection is full", doing())),
        }
    }

    /// Repeats an ack without an answer until it is answered. Until then the source receives
    /// nothing: without acks, the same messages would be stored and delivered again for ever.
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

    /// A durable that has forgotten the delivery does not answer the ack, for example because its
    /// server was killed at that moment. But the server always answers a progress report (`+WPI`),
    /// and it reads a connection in order. So the answer to a progress report after the ack proves
    /// that the ack arrived.
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

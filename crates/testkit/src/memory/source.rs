use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use l0_stage::anyhow::anyhow;
use l0_stage::{
    Delivery, Error, Message, Origin, Receipt, Rejection, Stop, Verdict, Why, async_trait,
};
use time::OffsetDateTime;
use tokio::sync::Notify;

/// A source of scripted messages that remembers every verdict. Clones share it.
///
/// Sequences count from 1. A message that was given back is delivered again after its delay; one whose
/// receipt was dropped, when [`Source::redeliver`] is called, or at once if the source is
/// [redelivering](Source::redelivering).
#[derive(Clone, Default)]
pub struct Source {
    shared: Arc<Shared>,
    extend_every: Option<Duration>,
    most_given_back: Option<usize>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    next_sequence: u64,
    waiting: VecDeque<Message>,
    in_hand: usize,
    /// The number of messages that were given back and are not due yet.
    later: usize,
    dropped: Vec<Message>,
    refused: BTreeMap<u64, Rejection>,
    verdicts: BTreeMap<u64, Vec<Verdict>>,
    extensions: BTreeMap<u64, usize>,
    is_unsure: bool,
    is_redelivering: bool,
    ends: bool,
    closed: bool,
}

impl Source {
    /// A source that ends once all of these have been settled or dropped.
    pub fn of(payloads: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        let source = Self::default();
        for payload in payloads {
            source.push(payload);
        }
        source.state().ends = true;
        source
    }

    /// A source that does not end by itself.
    #[must_use]
    pub fn endless() -> Self {
        Self::default()
    }

    /// Makes the engine extend receipts this often.
    #[must_use]
    pub fn extend_every(mut self, interval: Duration) -> Self {
        self.extend_every = Some(interval);
        self
    }

    /// Lets the engine give back at most this many messages.
    #[must_use]
    pub fn most_given_back(mut self, messages: usize) -> Self {
        self.most_given_back = Some(messages);
        self
    }

    /// From now on it does not know whether its receipts still mean the same messages.
    #[must_use]
    pub fn unsure(self) -> Self {
        self.state().is_unsure = true;
        self
    }

    /// Delivers a message whose receipt was dropped again at once.
    #[must_use]
    pub fn redelivering(self) -> Self {
        self.state().is_redelivering = true;
        self
    }

    /// Adds a message and returns its sequence.
    pub fn push(&self, payload: impl Into<Bytes>) -> u64 {
        let mut state = self.state();
        state.next_sequence += 1;
        let sequence = state.next_sequence;
        state.waiting.push_back(message(sequence, payload.into()));
        drop(state);
        self.shared.changed.notify_waiters();
        sequence
    }

    /// Makes the next delivery of a waiting message this attempt.
    pub fn delivered_before(&self, sequence: u64, times: u64) {
        let mut state = self.state();
        let waiting =
            state.waiting.iter_mut().filter(|message| message.origin.sequence == sequence);
        waiting.for_each(|message| message.origin.attempt = times + 1);
    }

    /// Delivers a waiting message as refused by the source.
    pub fn refuse(&self, sequence: u64, rejection: Rejection) {
        self.state().refused.insert(sequence, rejection);
    }

    /// Puts back messages whose receipts were dropped. Returns how many.
    #[must_use = "zero means that nothing was dropped"]
    pub fn redeliver(&self) -> usize {
        let mut state = self.state();
        let dropped = std::mem::take(&mut state.dropped);
        let count = dropped.len();
        dropped.into_iter().for_each(|message| state.put_back(message));
        drop(state);
        self.shared.changed.notify_waiters();
        count
    }

    /// The verdicts on one message, in order.
    #[must_use]
    pub fn verdicts(&self, sequence: u64) -> Vec<Verdict> {
        self.state().verdicts.get(&sequence).cloned().unwrap_or_default()
    }

    /// How often the receipts of one message were extended.
    #[must_use]
    pub fn extensions(&self, sequence: u64) -> usize {
        self.state().extensions.get(&sequence).copied().unwrap_or_default()
    }

    /// Deliveries that are neither settled nor dropped.
    #[must_use]
    pub fn in_hand(&self) -> usize {
        self.state().in_hand
    }

    /// Whether the engine has closed it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// `None` if there is nothing at present. An empty batch is the end of the input.
    fn take(&self, max: usize) -> Option<Vec<Delivery>> {
        let mut state = self.state();
        let count = max.min(state.waiting.len());
        if count == 0 && !(state.ends && state.in_hand == 0 && state.later == 0) {
            return None;
        }
        state.in_hand += count;
        let State { waiting, refused, .. } = &mut *state;
        let batch = waiting.drain(..count).map(|message| {
            let refused = refused.get(&message.origin.sequence).cloned();
            Delivery { refused, ..deliver(message, &self.shared) }
        });
        Some(batch.collect())
    }
}

#[async_trait]
impl l0_stage::Source for Source {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if stop.is_requested() {
                return Ok(None);
            }
            if let Some(batch) = self.take(max) {
                return Ok(Some(batch).filter(|batch| !batch.is_empty()));
            }
            tokio::select! {
                () = changed => {}
                () = stop.requested() => {}
            }
        }
    }

    fn extend_every(&self) -> Option<Duration> {
        self.extend_every
    }

    fn most_given_back(&self) -> usize {
        self.most_given_back.unwrap_or(1_000)
    }

    async fn before_settling(&self) -> Result<(), Error> {
        match self.state().is_unsure {
            true => Err(Error::retryable(Why::TimedOut, anyhow!("it does not answer"))),
            false => Ok(()),
        }
    }

    async fn close(&self) -> Result<(), Error> {
        self.state().closed = true;
        Ok(())
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put_back(&mut self, mut message: Message) {
        message.origin.attempt += 1;
        self.waiting.push_back(message);
    }
}

/// Settles when it is dropped, so that settling and forgetting take the same way.
struct Ticket {
    message: Message,
    verdict: Option<Verdict>,
    shared: Arc<Shared>,
}

#[async_trait]
impl Receipt for Ticket {
    async fn extend(&self) {
        *self.shared.state().extensions.entry(self.message.origin.sequence).or_default() += 1;
    }

    async fn settle(mut self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        self.verdict = Some(verdict);
        Ok(())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let message = self.message.clone();
        let mut state = self.shared.state();
        state.in_hand -= 1;
        match self.verdict.take() {
            None if state.is_redelivering => state.put_back(message),
            None => state.dropped.push(message),
            Some(verdict) => {
                match verdict {
                    Verdict::Returned(Duration::ZERO) => state.put_back(message.clone()),
                    Verdict::Returned(delay) => {
                        state.later += 1;
                        tokio::spawn(come_again(Arc::clone(&self.shared), message.clone(), delay));
                    }
                    _ => {}
                }
                state.verdicts.entry(message.origin.sequence).or_default().push(verdict);
            }
        }
        drop(state);
        self.shared.changed.notify_waiters();
    }
}

async fn come_again(shared: Arc<Shared>, message: Message, delay: Duration) {
    tokio::time::sleep(delay).await;
    let mut state = shared.state();
    state.later -= 1;
    state.put_back(message);
    drop(state);
    shared.changed.notify_waiters();
}

fn deliver(message: Message, shared: &Arc<Shared>) -> Delivery {
    let ticket = Ticket { message: message.clone(), verdict: None, shared: Arc::clone(shared) };
    Delivery::new(message, Box::new(ticket))
}

fn message(sequence: u64, payload: Bytes) -> Message {
    let origin = Origin {
        stream: "memory".into(),
        stream_created: None,
        sequence,
        published: OffsetDateTime::UNIX_EPOCH,
        attempt: 1,
    };
    Message { origin, subject: "test".to_owned(), headers: Bytes::new(), payload }
}

use std::collections::HashSet;
use std::time::Duration;

use async_nats::jetstream::consumer::{Config as DurableConfig, Info as DurableInfo};
use async_nats::jetstream::stream::Info as StreamInfo;
use l0_stage::Error;
use l0_stage::time::OffsetDateTime;
use tokio::sync::Mutex;

use super::api::Api;
use super::durable::Before;
use super::incarnation::{Incarnation, Incarnations};
use super::limits::Limits;
use super::stored::Stored;
use super::{allowance, durable, stream};
use crate::NatsConfig;
use crate::link::{Epoch, Link};

/// What was learned about stream and durable when they were last compared with the configuration.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub stream_created: OffsetDateTime,
    durable_created: OffsetDateTime,
    /// After this time a delivery that was not extended is delivered again.
    pub ack_wait: Duration,
    pub limits: Limits,
    /// The connection on which this was learned.
    epoch: Epoch,
    incarnation: u64,
    number: u64,
}

impl Session {
    /// Whether the session was learned on this connection.
    pub fn is_of(&self, epoch: Epoch) -> bool {
        self.epoch == epoch
    }

    pub fn with_receipts_of(self, other: Self) -> Self {
        Self { incarnation: other.incarnation, ..self }
    }

    /// Whether receipts of one session are valid in the other.
    pub fn shares_receipts_with(self, other: Self) -> bool {
        self.incarnation == other.incarnation
    }

    /// Whether stream and durable are the same in both sessions.
    fn is_like(&self, other: Self) -> bool {
        self.stream_created == other.stream_created && self.durable_created == other.durable_created
    }
}

/// The current session. After every reconnect and every failure, one worker renews it for all.
#[derive(Default)]
pub(crate) struct Sessions {
    state: Mutex<State>,
    incarnations: Incarnations,
}

#[derive(Default)]
struct State {
    current: Option<Session>,
    last: Option<Session>,
    last_sequence: u64,
    last_received: Option<Place>,
    /// The server process with which the last session was made.
    server_id: String,
    said: HashSet<String>,
}

/// The identity of a message in the stream: no other message had this sequence and this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub sequence: u64,
    pub published: OffsetDateTime,
}

impl Sessions {
    /// Returns the current session, and makes one if there is none. The future may be dropped at
    /// any time.
    pub async fn current(&self, link: &Link, config: &NatsConfig) -> Result<Session, Error> {
        let mut state = self.state.lock().await;
        if !link.is_connected() {
            return Err(link.disconnected());
        }
        if let Some(session) = state.current.filter(|session| session.is_of(link.epoch())) {
            return Ok(session);
        }
        // Read before the first request: after a reconnect meanwhile, the session counts as old.
        let epoch = link.epoch();
        let session = state.renew(link, config, epoch, &self.incarnations).await?;
        state.current = Some(session);
        state.last = Some(session);
        Ok(session)
    }

    /// The incarnation in which receipts of the session are valid.
    pub fn incarnation(&self, session: Session) -> Incarnation {
        self.incarnations.numbered(session.incarnation)
    }

    pub fn incarnations(&self) -> &Incarnations {
        &self.incarnations
    }

    /// The highest sequence at which the stream was seen. A later look must not find a lower one.
    pub async fn last_sequence(&self) -> u64 {
        self.state.lock().await.last_sequence
    }

    /// Notes the last message that was received in this session.
    pub async fn received(&self, session: Session, last: Place) {
        let mut state = self.state.lock().await;
        if state.reach(session.stream_created, last.sequence) {
            state.last_received = state.last_received.max(Some(last));
        }
    }

    /// Notes a look at stream and durable. `known` is the last sequence that was known before the
    /// look.
    pub async fn saw(&self, known: u64, stream: &StreamInfo, durable: &DurableInfo) {
        let mut state = self.state.lock().await;
        let last_sequence = stream.state.last_sequence;
        let is_durable = state.last.is_some_and(|last| last.durable_created == durable.created);
        if !state.reach(stream.created, last_sequence) || !is_durable || last_sequence < known {
            self.incarnations.pass();
            state.current = None;
        }
    }

    /// Notes that stream or durable is gone. One that appears later under the same name counts as
    /// another.
    pub async fn missed(&self) {
        self.incarnations.pass();
        self.state.lock().await.current = None;
    }

    /// Notes that stream or durable cannot be read. The next call compares again, and reports the
    /// reason.
    pub async fn doubt(&self) {
        self.state.lock().await.current = None;
    }

    /// Notes that something failed in this session. The next call compares again.
    pub async fn end(&self, failed: Session) {
        let mut state = self.state.lock().await;
        state.current = state.current.filter(|session| session.number != failed.number);
    }
}

impl State {
    async fn renew(
        &mut self,
        link: &Link,
        config: &NatsConfig,
        epoch: Epoch,
        incarnations: &Incarnations,
    ) -> Result<Session, Error> {
        let api = Api::new(link, config);
        let stream = stream::ensure(&api, config).await?;
        let durable = durable::ensure(&api, config, &stream, self.before()).await?;
        let found = &stream.config;
        let risks = stream::risks(found).into_iter();
        let risks = risks.chain(stream::early(found)).chain(allowance::tight(config, found));
        for text in risks.map(|risk| risk.text).chain(durable.drift) {
            if self.said.insert(text.clone()) {
                tracing::warn!("{text}");
            }
        }
        let mut session = Session {
            stream_created: stream.created,
            durable_created: durable.info.created,
            ack_wait: ack_wait(&durable.info.config),
            limits: Limits::of(config, &durable.info.config),
            epoch,
            incarnation: 0,
            number: self.last.map_or(0, |last| last.number + 1),
        };
        let is_another = self.last.is_some_and(|last| !session.is_like(last));
        let went_back = stream.state.last_sequence < self.last_sequence;
        let server_id = link.connection().server_id();
        if is_another || went_back || !self.is_the_history_of(&server_id, &api).await {
            incarnations.pass();
            self.last_received = None;
        }
        session.incarnation = incarnations.current();
        self.tell_if_made_anew(session, config, incarnations);
        self.last_sequence = stream.state.last_sequence;
        self.server_id = server_id;
        Ok(session)
    }

    /// Whether the received sequences still mean the same messages. A restarted server may hold an
    /// older copy of the stream, which others have filled since. Then its last sequence proves
    /// nothing, but the last received message does. If that message is gone or cannot be read, the
    /// sequences count as not the same.
    async fn is_the_history_of(&self, server_id: &str, api: &Api<'_>) -> bool {
        let Some(last) = self.last_received.filter(|_| self.server_id != server_id) else {
            return true;
        };
        let stored = Stored::at(api, last.sequence).await.ok().flatten();
        stored.is_some_and(|stored| stored.published == last.published)
    }

    /// Whether this is still the stream of the last session.
    fn reach(&mut self, stream_created: OffsetDateTime, last_sequence: u64) -> bool {
        let is_known = self.last.is_some_and(|last| last.stream_created == stream_created);
        if is_known {
            self.last_sequence = self.last_sequence.max(last_sequence);
        }
        is_known
    }

    fn before(&self) -> Option<Before> {
        let Session { stream_created, durable_created, .. } = self.last?;
        Some(Before { stream_created, durable_created, last_sequence: self.last_sequence })
    }

    fn tell_if_made_anew(&self, now: Session, config: &NatsConfig, incarnations: &Incarnations) {
        let Some(before) = self.last else { return };
        let NatsConfig { stream, durable, .. } = config;
        if now.stream_created != before.stream_created {
            incarnations.count_stream();
            tracing::warn!(stream, "the stream was deleted and created again");
        } else if now.durable_created != before.durable_created {
            incarnations.count_durable();
            tracing::warn!(durable, stream, "the durable was deleted and created again");
        }
    }
}

fn ack_wait(config: &DurableConfig) -> Duration {
    config.backoff.iter().copied().fold(config.ack_wait, Duration::min)
}

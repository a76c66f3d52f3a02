use std::collections::HashSet;
use std::time::Duration;

use l0_stage::Error;
use l0_stage::time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::api::Api;
use crate::consumer::Before;
use crate::link::{Epoch, Link};
use crate::{NatsConfig, consumer, failure, stream};

/// What is known of stream and durable since they were last compared with the configuration.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub stream_created: OffsetDateTime,
    durable_created: OffsetDateTime,
    /// After this a delivery that nobody extended comes again.
    pub ack_wait: Duration,
    /// The connection it was learned on.
    epoch: Epoch,
    number: u64,
}

impl Session {
    /// Whether it was learned on this connection.
    pub fn is_of(&self, epoch: Epoch) -> bool {
        self.epoch == epoch
    }
}

/// The current session, renewed after every reconnect and every failure, by one worker for all.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    current: Option<Session>,
    last: Option<Session>,
    last_sequence: u64,
    said: HashSet<String>,
}

impl Sessions {
    /// The session, made if there is none. It may be dropped at any time.
    pub async fn current(&self, link: &Link, config: &NatsConfig) -> Result<Session, Error> {
        let mut state = self.0.lock().await;
        if !link.is_connected() {
            return Err(failure::disconnected(&link.address));
        }
        if let Some(session) = state.current.filter(|session| session.is_of(link.epoch())) {
            return Ok(session);
        }
        // Read before anything is asked: a reconnect in between makes the session an old one.
        let epoch = link.epoch();
        let session = state.renew(link, config, epoch).await?;
        state.current = Some(session);
        state.last = Some(session);
        Ok(session)
    }

    /// The stream was seen at this sequence: it must never be further back.
    pub async fn saw(&self, stream_created: OffsetDateTime, last_sequence: u64) {
        let mut state = self.0.lock().await;
        if state.last.is_some_and(|last| last.stream_created == stream_created) {
            state.last_sequence = state.last_sequence.max(last_sequence);
        }
    }

    /// Something failed in this session: the next call compares again.
    pub async fn end(&self, failed: Session) {
        let mut state = self.0.lock().await;
        state.current = state.current.filter(|session| session.number != failed.number);
    }
}

impl State {
    async fn renew(
        &mut self,
        link: &Link,
        config: &NatsConfig,
        epoch: Epoch,
    ) -> Result<Session, Error> {
        let api = Api::new(link, config);
        let stream = stream::ensure(&api, config).await?;
        let durable = consumer::ensure(&api, config, &stream, self.before()).await?;
        for text in stream::risks(&stream.config).into_iter().chain(durable.drift) {
            if self.said.insert(text.clone()) {
                tracing::warn!("{text}");
            }
        }
        let session = Session {
            stream_created: stream.created,
            durable_created: durable.info.created,
            ack_wait: ack_wait(&durable.info.config),
            epoch,
            number: self.last.map_or(0, |last| last.number + 1),
        };
        self.tell_if_made_anew(session, config);
        self.last_sequence = stream.state.last_sequence;
        Ok(session)
    }

    fn before(&self) -> Option<Before> {
        let Session { stream_created, durable_created, .. } = self.last?;
        Some(Before { stream_created, durable_created, last_sequence: self.last_sequence })
    }

    fn tell_if_made_anew(&self, now: Session, config: &NatsConfig) {
        let Some(before) = self.last else { return };
        let NatsConfig { stream, durable, .. } = config;
        if now.stream_created != before.stream_created {
            tracing::warn!(stream, "the stream was deleted and made anew");
        } else if now.durable_created != before.durable_created {
            tracing::warn!(durable, stream, "the durable was deleted and made anew");
        }
    }
}

fn ack_wait(config: &async_nats::jetstream::consumer::Config) -> Duration {
    config.backoff.iter().copied().fold(config.ack_wait, Duration::min)
}

use std::collections::HashSet;
use std::time::Duration;

use l0_stage::Error;
use l0_stage::time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::api::Api;
use crate::connect::Link;
use crate::{NatsConfig, consumer, failure, stream};

/// What is known of stream and durable since they were last compared with the configuration.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub stream_created: OffsetDateTime,
    durable_created: OffsetDateTime,
    /// After this a delivery that nobody extended comes again.
    pub ack_wait: Duration,
    /// The connection it was learned on.
    connects: u64,
    number: u64,
}

impl Session {
    /// Whether the connection is still the one it was learned on.
    pub fn is_fresh(&self, link: &Link) -> bool {
        self.connects == link.connects()
    }
}

/// The current session, renewed after every reconnect and every failure, by one worker for all.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    current: Option<Session>,
    last: Option<Session>,
    said: HashSet<String>,
}

impl Sessions {
    /// The session, made if there is none. It may be dropped at any time.
    pub async fn current(&self, link: &Link, config: &NatsConfig) -> Result<Session, Error> {
        let mut state = self.0.lock().await;
        if !link.is_connected() {
            return Err(failure::disconnected(&link.address));
        }
        if let Some(session) = state.current.filter(|session| session.is_fresh(link)) {
            return Ok(session);
        }
        // Read before anything is asked: a reconnect in between makes the session an old one.
        let connects = link.connects();
        let session = state.renew(link, config, connects).await?;
        state.current = Some(session);
        state.last = Some(session);
        Ok(session)
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
        connects: u64,
    ) -> Result<Session, Error> {
        let api = Api::new(link, config);
        let stream = stream::ensure(&api, config).await?;
        let durable = consumer::ensure(&api, config).await?;
        for text in stream::risks(&stream.config).into_iter().chain(durable.drift) {
            if self.said.insert(text.clone()) {
                tracing::warn!("{text}");
            }
        }
        let session = Session {
            stream_created: stream.created,
            durable_created: durable.info.created,
            ack_wait: ack_wait(&durable.info.config),
            connects,
            number: self.last.map_or(0, |last| last.number + 1),
        };
        self.tell_if_made_anew(session, config);
        Ok(session)
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

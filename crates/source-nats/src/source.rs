use std::sync::Arc;
use std::time::Duration;

use l0_stage::{Delivery, Error, Publisher, Source, Stop, async_trait};
use tokio::time::{sleep, timeout};

use crate::api::Api;
use crate::connect::{Link, PATIENCE};
use crate::publisher::NatsPublisher;
use crate::session::{Session, Sessions};
use crate::{NatsConfig, failure, message, receive, subject};

/// Rest after an empty pull. The server ends one at once when others already wait for what is there.
const PAUSE: Duration = Duration::from_millis(10);

/// A receipt is extended at least this often.
const EXTEND: Duration = Duration::from_secs(10);

/// The stream, seen through the durable.
pub(crate) struct NatsSource {
    link: Arc<Link>,
    config: NatsConfig,
    stream: Arc<str>,
    sessions: Sessions,
    extend_every: Duration,
}

impl NatsSource {
    pub async fn start(link: Link, config: NatsConfig) -> Result<Self, Error> {
        let sessions = Sessions::default();
        let session = sessions.current(&link, &config).await?;
        Ok(Self {
            link: Arc::new(link),
            stream: config.stream.as_str().into(),
            config,
            sessions,
            extend_every: EXTEND.min(session.ack_wait / 3),
        })
    }

    async fn pull(&self, session: Session, max: usize) -> Result<Vec<Delivery>, Error> {
        let batch = match receive::pull(&self.link, &self.config, max).await {
            Ok(batch) => batch,
            Err(error) => {
                self.sessions.end(session).await;
                return Err(error);
            }
        };
        // A pull may have waited for a reconnect, and its messages may be another stream's.
        let session = match session.is_fresh(&self.link) {
            true => session,
            false => self.sessions.current(&self.link, &self.config).await?,
        };
        let delivery =
            |wire| message::delivery(&self.link, &self.stream, session.stream_created, wire);
        Ok(batch.into_iter().filter_map(delivery).collect())
    }
}

#[async_trait]
impl Source for NatsSource {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        loop {
            let session = tokio::select! {
                biased;
                () = stop.requested() => return Ok(None),
                session = self.sessions.current(&self.link, &self.config) => session?,
            };
            let batch = self.pull(session, max).await?;
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
            sleep(PAUSE).await;
        }
    }

    fn extend_every(&self) -> Option<Duration> {
        Some(self.extend_every)
    }

    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        let subject = Some(self.config.subject.clone()).filter(|it| subject::is_literal(it))?;
        Some(Arc::new(NatsPublisher { link: Arc::clone(&self.link), subject }))
    }

    /// The server reads a connection in order: its answer to a request means that it has read every
    /// ack sent before.
    async fn close(&self) -> Result<(), Error> {
        Api::new(&self.link, &self.config).consumer().await?;
        match timeout(PATIENCE, self.link.client.drain()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(failure::disconnected(&self.link.address)),
        }
    }
}

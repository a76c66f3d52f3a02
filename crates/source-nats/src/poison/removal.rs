//! Settles messages that no client can receive.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::stream::RetentionPolicy;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, Receipt, Verdict, async_trait};

use crate::NatsConfig;
use crate::jetstream::api::Api;
use crate::jetstream::stored::Stored;
use crate::link::Link;
use crate::link::retry::until_reached;

/// How long a removal waits for a connection. A similar message may just have broken it, and this
/// is enough time for a new one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Settles a message that no client can receive, so that it has no ack subject. It is deleted from
/// a work queue. In another stream it is acked under a subject made up for it, because other
/// consumers may need it.
pub(crate) struct RemovalReceipt {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    sequence: u64,
    published: OffsetDateTime,
    is_away: IsAway,
}

/// Whether the server was away too long when one message of a walk was settled. Then the other
/// messages do not wait that long again.
pub(crate) type IsAway = Arc<AtomicBool>;

impl RemovalReceipt {
    pub fn new(
        link: &Arc<Link>,
        config: &Arc<NatsConfig>,
        stored: &Stored,
        is_away: &IsAway,
    ) -> Self {
        let (link, config, is_away) = (Arc::clone(link), Arc::clone(config), Arc::clone(is_away));
        let Stored { sequence, published, .. } = *stored;
        Self { link, config, sequence, published, is_away }
    }

    async fn remove(&self) -> Result<(), Error> {
        let api = Api::new(&self.link, &self.config);
        // In a stream that was created again or restored, the sequence is another message.
        let stored = Stored::at(&api, self.sequence).await?;
        if stored.is_none_or(|stored| stored.published != self.published) {
            return Ok(());
        }
        match api.stream().await?.map(|stream| stream.config.retention) {
            Some(RetentionPolicy::WorkQueue) => api.delete_message(self.sequence).await,
            Some(_) => api.ack(api.reply_of(self.sequence)).await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Receipt for RemovalReceipt {
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        if let Verdict::Returned(_) = verdict {
            return Ok(());
        }
        let is_away = self.is_away.load(Ordering::Relaxed);
        let patience = if is_away { Duration::ZERO } else { PATIENCE };
        let removed = until_reached(patience, || self.remove()).await;
        self.is_away.store(removed.is_err(), Ordering::Relaxed);
        removed
    }
}

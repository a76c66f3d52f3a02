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

/// The next message of its kind may break the connection just now: time enough for another one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Settles a message that no client can receive, and so has no subject for its ack: from a work
/// queue it is deleted; where others may still want it, it is acked under a subject made up for it.
pub(crate) struct RemovalReceipt {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    sequence: u64,
    published: OffsetDateTime,
    is_away: IsAway,
}

/// Whether the server was away for too long when one of the messages of a walk was to be settled: the others
/// do not wait each for as long.
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
        // In a stream that was made anew or went back, the sequence is another message's.
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
    /// The durable cannot be told; when it delivers the message again, that is found again.
    async fn extend(&self) {}

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

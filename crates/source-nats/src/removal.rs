use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::RetentionPolicy;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, Receipt, Verdict, async_trait};

use crate::NatsConfig;
use crate::again::until_reached;
use crate::api::Api;
use crate::link::Link;
use crate::stored::Stored;

/// The next message of its kind may break the connection just now: time enough for another one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Settles a message that no client can receive, and so has no subject for its ack: from a work
/// queue it is deleted; where others may still want it, it is acked under a subject made up for it.
pub(crate) struct RemovalReceipt {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    sequence: u64,
    published: OffsetDateTime,
}

impl RemovalReceipt {
    pub fn new(link: &Arc<Link>, config: &Arc<NatsConfig>, stored: &Stored) -> Self {
        let (link, config) = (Arc::clone(link), Arc::clone(config));
        Self { link, config, sequence: stored.sequence, published: stored.published }
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
        until_reached(PATIENCE, || self.remove()).await
    }
}

use std::sync::Arc;

use async_nats::jetstream::AckKind;
use l0_stage::{Error, Receipt, Verdict, async_trait};

use super::acks::{Acks, To};

/// Settles one delivery.
pub(crate) struct AckReceipt {
    pub acks: Arc<Acks>,
    pub to: To,
    pub sequence: u64,
}

#[async_trait]
impl Receipt for AckReceipt {
    async fn extend(&self) {
        if let Err(error) = self.acks.send(&self.to, AckKind::Progress).await {
            tracing::debug!(%error, "not extended");
        }
    }

    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        let kind = match verdict {
            Verdict::Stored { .. } | Verdict::Duplicate { .. } | Verdict::Buried(_) => AckKind::Ack,
            Verdict::Returned(delay) => {
                self.acks.returns.gives(self.sequence);
                AckKind::Nak(Some(delay))
            }
        };
        self.acks.settle(&self.to, kind).await
    }
}

use std::sync::Arc;
use std::time::Duration;

use async_nats::Subject;
use async_nats::jetstream::AckKind;
use l0_stage::{Error, Receipt, Verdict, async_trait};
use tokio::time::timeout;

use crate::failure;
use crate::incarnation::Incarnation;
use crate::link::Link;
use crate::returns::Returns;

/// Longest time the client may take to accept one ack; its queue is bounded.
const PATIENCE: Duration = Duration::from_secs(2);

/// Settles one delivery by a message to the server, which does not answer.
///
/// If stream or durable have become others meanwhile, nothing is sent: the message, if there still
/// is one, comes again.
pub(crate) struct AckReceipt {
    link: Arc<Link>,
    reply: Subject,
    incarnation: Incarnation,
    sequence: u64,
    returns: Returns,
}

impl AckReceipt {
    pub fn new(
        link: Arc<Link>,
        reply: Subject,
        incarnation: Incarnation,
        sequence: u64,
        returns: Returns,
    ) -> Self {
        Self { link, reply, incarnation, sequence, returns }
    }

    async fn send(&self, kind: AckKind) -> Result<(), Error> {
        if !self.incarnation.is_current() {
            tracing::debug!(reply = %self.reply, "stream or durable are others now: nothing sent");
            return Ok(());
        }
        let doing = || format!("cannot settle a message at nats at {}", self.link.address);
        // Without a connection the queue may fill up: a whole batch must not wait for each ack.
        let patience = if self.link.is_connected() { PATIENCE } else { Duration::ZERO };
        let connection = self.link.connection();
        match timeout(patience, connection.client.publish(self.reply.clone(), kind.into())).await {
            Ok(sent) => sent.map_err(|error| failure::unsent(error, doing())),
            Err(_) => Err(failure::unsent("the queue of the connection is full", doing())),
        }
    }
}

#[async_trait]
impl Receipt for AckReceipt {
    async fn extend(&self) {
        if let Err(error) = self.send(AckKind::Progress).await {
            tracing::debug!(%error, "not extended");
        }
    }

    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        let kind = match verdict {
            Verdict::Stored { .. } | Verdict::Duplicate { .. } | Verdict::Buried(_) => AckKind::Ack,
            Verdict::Returned(delay) => {
                self.returns.gives(self.sequence);
                AckKind::Nak(Some(delay))
            }
        };
        self.send(kind).await
    }
}

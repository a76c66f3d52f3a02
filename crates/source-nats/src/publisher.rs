use std::sync::Arc;

use async_nats::RequestErrorKind;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use l0_stage::{Bytes, Error, Publisher, async_trait, serde_json};
use tokio::time::timeout;

use crate::connect::PATIENCE;
use crate::failure;
use crate::link::Link;

/// Publishes to the subject of the source.
pub(crate) struct NatsPublisher {
    pub link: Arc<Link>,
    pub subject: String,
}

#[async_trait]
impl Publisher for NatsPublisher {
    async fn publish(&self, payload: Bytes) -> Result<(), Error> {
        let connection = self.link.connection();
        let asking = connection.client.request(self.subject.clone(), payload);
        let answer = match timeout(PATIENCE, asking).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.unanswered(&error)),
            Err(_) => return Err(self.link.silence(self.doing())),
        };
        match serde_json::from_slice(&answer.payload) {
            Ok(Response::<PublishAck>::Ok(_)) => Ok(()),
            Ok(Response::Err { error }) => Err(failure::refused(&error, self.doing())),
            Err(error) => Err(failure::unsent(error, self.doing())),
        }
    }
}

impl NatsPublisher {
    fn unanswered(&self, error: &async_nats::RequestError) -> Error {
        match error.kind() {
            RequestErrorKind::TimedOut => self.link.silence(self.doing()),
            RequestErrorKind::NoResponders => {
                failure::mismatch(format!("{}: no stream takes it", self.doing()))
            }
            RequestErrorKind::MaxPayloadExceeded => {
                failure::mismatch(format!("{}: larger than the server takes", self.doing()))
            }
            _ => failure::unsent(error, self.doing()),
        }
    }

    fn doing(&self) -> String {
        format!("cannot publish to subject `{}` at {}", self.subject, self.link.address)
    }
}

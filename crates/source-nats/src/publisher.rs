use std::sync::Arc;

use async_nats::RequestErrorKind;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use l0_stage::{Bytes, Error, Publisher, async_trait, serde_json};

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
        let answer = self.link.answer(&self.subject, asking, || self.doing()).await?;
        let answer = answer.map_err(|error| self.unanswered(&error))?;
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

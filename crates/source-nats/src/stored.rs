use std::sync::Arc;

use async_nats::jetstream::stream::RawMessage;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use l0_stage::anyhow::Context as _;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Error, Message, Origin, Reason, Rejection, Why};

use crate::api::Api;
use crate::block;

/// A message as it lies in the stream: read through the API of the server, which hands it over as
/// base64, so that no library parses its headers.
pub(crate) struct Stored {
    pub subject: String,
    pub sequence: u64,
    pub published: OffsetDateTime,
    pub headers: Bytes,
    pub payload: Bytes,
}

impl Stored {
    /// The first one from this sequence on, if there is one.
    pub async fn from(api: &Api<'_>, sequence: u64) -> Result<Option<Self>, Error> {
        api.message(sequence, ">").await?.map(Self::decode).transpose()
    }

    /// The one with this sequence, if it is still there.
    pub async fn at(api: &Api<'_>, sequence: u64) -> Result<Option<Self>, Error> {
        Ok(Self::from(api, sequence).await?.filter(|found| found.sequence == sequence))
    }

    fn decode(raw: RawMessage) -> Result<Self, Error> {
        let bytes = |base64: &str| {
            let bytes = STANDARD.decode(base64).context("a stored message is not base64");
            bytes.map(Bytes::from).map_err(|error| Error::retryable(Why::Unclassified, error))
        };
        Ok(Self {
            headers: bytes(raw.headers.as_deref().unwrap_or_default())?,
            payload: bytes(&raw.payload)?,
            subject: raw.subject,
            sequence: raw.sequence,
            published: raw.time,
        })
    }

    /// Why no client of the library can ever receive it; `None` for every good message.
    pub async fn rejection(&self, api: &Api<'_>) -> Result<Option<Rejection>, Error> {
        let problem = match block::problem(&self.subject, &self.headers) {
            Some(problem) => problem,
            None if self.has_mangled_subject(api).await? => "its subject is not utf-8",
            None => return Ok(None),
        };
        Ok(Some(Rejection::new(Reason::InvalidHeaders, problem)))
    }

    /// JSON shows what is no UTF-8 as U+FFFD. Only a subject that really has that character is
    /// found by it.
    async fn has_mangled_subject(&self, api: &Api<'_>) -> Result<bool, Error> {
        if !self.subject.contains(char::REPLACEMENT_CHARACTER) {
            return Ok(false);
        }
        let found = api.message(self.sequence, &self.subject).await?;
        if found.is_some_and(|found| found.sequence == self.sequence) {
            return Ok(false);
        }
        // Or it has been removed meanwhile.
        Ok(Self::at(api, self.sequence).await?.is_some())
    }

    pub fn into_message(
        self,
        stream: &Arc<str>,
        stream_created: Option<OffsetDateTime>,
    ) -> Message {
        let origin = Origin {
            stream: Arc::clone(stream),
            stream_created,
            sequence: self.sequence,
            published: self.published,
            // Those before were never received.
            attempt: 1,
        };
        Message { origin, subject: self.subject, headers: self.headers, payload: self.payload }
    }
}

#[cfg(test)]
mod tests {
    use l0_testkit::{NatsServer, require_services};

    use super::*;
    use crate::link::tests::{config, open};

    #[tokio::test]
    async fn a_message_that_was_removed_meanwhile_is_not_taken_for_a_bad_one() {
        require_services!();
        let server = NatsServer::start().await;
        let (link, config) = (open(&server).await, config(&server));
        let api = Api::new(&link, &config);
        crate::stream::ensure(&api, &config).await.expect("stream");
        let removed = Stored {
            subject: "order.\u{fffd}".into(),
            sequence: 1,
            published: OffsetDateTime::UNIX_EPOCH,
            headers: Bytes::new(),
            payload: Bytes::new(),
        };
        assert!(removed.rejection(&api).await.expect("looked").is_none());
    }
}

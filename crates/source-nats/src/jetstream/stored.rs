use std::sync::Arc;

use async_nats::jetstream::stream::RawMessage;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use l0_stage::anyhow::Context as _;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Error, Message, Origin, Why};

use super::api::Api;

/// A message as it is stored in the stream. It is read through the server's API, which returns it
/// as base64, so that no library parses its headers.
pub(crate) struct Stored {
    pub subject: String,
    pub sequence: u64,
    pub published: OffsetDateTime,
    pub headers: Bytes,
    pub payload: Bytes,
}

impl Stored {
    /// The first message at or after this sequence, if there is one.
    pub async fn from(api: &Api<'_>, sequence: u64) -> Result<Option<Self>, Error> {
        api.message(sequence, ">").await?.map(Self::decode).transpose()
    }

    /// The message with this sequence, if it still exists.
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
            // This counts as the first delivery, because no worker received an earlier one.
            attempt: 1,
        };
        Message { origin, subject: self.subject, headers: self.headers, payload: self.payload }
    }
}

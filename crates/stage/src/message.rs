//! A message of a source, and the document that it is parsed to.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// One message as its source holds it. It has not been interpreted yet.
#[derive(Debug, Clone)]
pub struct Message {
    /// Distinguishes this message from every other.
    pub origin: Origin,
    /// The subject that it was published to, for example of NATS.
    pub subject: String,
    /// The header block in the source's own notation; empty when there is none.
    /// [`header`](Self::header) reads `Name: value` lines, perhaps below a version line.
    pub headers: Bytes,
    /// The exact bytes that were published.
    pub payload: Bytes,
}

impl Message {
    /// The value of a header, without the white space around it: of several headers with this name
    /// the first. Upper and lower case of names do not count. `None` if there is none.
    ///
    /// ```
    /// # use l0_stage::{Bytes, Message, Origin, time::OffsetDateTime};
    /// # let published = OffsetDateTime::UNIX_EPOCH;
    /// # let origin = Origin { stream: "S".into(), stream_created: None, sequence: 1, published, attempt: 1 };
    /// let headers = Bytes::from("NATS/1.0\r\nce-id: 9f1c\r\nCE-Id: 2\r\n\r\n");
    /// let message = Message { origin, subject: "s".to_owned(), headers, payload: Bytes::new() };
    /// assert_eq!(message.header("Ce-Id"), Some(&b"9f1c"[..]));
    /// assert_eq!(message.header("ce-type"), None);
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.split(|byte| *byte == b'\n').find_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let is_named = line[..colon].eq_ignore_ascii_case(name.as_bytes());
            is_named.then(|| line[colon + 1..].trim_ascii())
        })
    }

    /// The SHA-256 of the payload: 64 hexadecimal digits in lower case.
    #[must_use]
    pub fn digest(&self) -> String {
        Sha256::digest(&self.payload).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The identity of a message and how it got here.
///
/// A stream may be deleted and created again under the same name. Its name, its creation time and
/// the sequence identify a message even then.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The name of the stream, or of what the source reads instead: a file, an HTTP path.
    pub stream: Arc<str>,
    /// When that stream was created. `None` if its name alone identifies it.
    pub stream_created: Option<OffsetDateTime>,
    /// Position within the stream.
    pub sequence: u64,
    /// When it was published, by the clock of the source's service. NATS: when the stream stored
    /// it.
    pub published: OffsetDateTime,
    /// How often it was delivered, this time included: 1 for the first.
    pub attempt: u64,
}

impl Origin {
    /// What tells the message from every other at its source, as one text: the stream, its creation
    /// in microseconds since 1970 if that is known, and the sequence. The same at every delivery,
    /// and after a replay from the dead letters, which keep microseconds.
    ///
    /// ```
    /// # use l0_stage::{Origin, time::OffsetDateTime};
    /// # let published = OffsetDateTime::UNIX_EPOCH;
    /// let line = Origin { stream: "file:a.jsonl".into(), stream_created: None, sequence: 7, published, attempt: 2 };
    /// assert_eq!(line.id(), "file:a.jsonl:7");
    /// let created = Some(OffsetDateTime::UNIX_EPOCH);
    /// let message = Origin { stream: "ORDERS".into(), stream_created: created, sequence: 7, published, attempt: 1 };
    /// assert_eq!(message.id(), "ORDERS:0:7");
    /// ```
    #[must_use]
    pub fn id(&self) -> String {
        let Self { stream, stream_created, sequence, .. } = self;
        match stream_created {
            Some(created) => {
                let microseconds = created.unix_timestamp_nanos().div_euclid(1_000);
                format!("{stream}:{microseconds}:{sequence}")
            }
            None => format!("{stream}:{sequence}"),
        }
    }

    /// The stream's creation time where one is required: in its column, and in a letter's identity.
    #[must_use]
    pub fn stream_created_or_epoch(&self) -> OffsetDateTime {
        self.stream_created.unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The inverse of [`stream_created_or_epoch`](Self::stream_created_or_epoch).
    #[must_use]
    pub fn stream_created_of(stored: OffsetDateTime) -> Option<OffsetDateTime> {
        (stored != OffsetDateTime::UNIX_EPOCH).then_some(stored)
    }
}

/// A message whose payload is well-formed JSON: one object, parsed once.
#[derive(Debug, Clone)]
pub struct Document {
    message: Message,
    json: serde_json::Value,
}

impl Document {
    /// A message and its parsed payload.
    #[must_use]
    pub fn new(message: Message, json: serde_json::Value) -> Self {
        Self { message, json }
    }

    /// The message that it came in. Its payload is stored as published.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The parsed payload. Numbers keep their digits (`serde_json` with `arbitrary_precision`).
    #[must_use]
    pub fn json(&self) -> &serde_json::Value {
        &self.json
    }

    /// Drops the parsed payload.
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }
}

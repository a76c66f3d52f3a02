//! A message of a source, and the document that it is parsed to.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// One message as its source delivered it: bytes that have not been parsed yet.
#[derive(Debug, Clone)]
pub struct Message {
    /// The identity of this message at its source.
    pub origin: Origin,
    /// The subject that the message was published to, for example a NATS subject.
    pub subject: String,
    /// The header block as the source received it. Empty if the message has no headers.
    /// [`header`](Self::header) understands `Name: value` lines, with or without a version line
    /// above.
    pub headers: Bytes,
    /// The exact bytes that were published.
    pub payload: Bytes,
}

impl Message {
    /// The value of the header with this name, without the white space around it. The case of the
    /// name does not count. If several headers have the name, the first one counts. `None` if no
    /// header has it.
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

/// The identity of a message at its source, and the data of its delivery.
///
/// The stream's name, the stream's creation time and the sequence identify a message. The creation
/// time is needed because a stream may be deleted and created again under the same name.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The name of the stream. A source without streams gives the name of what it reads: a file, an
    /// HTTP path.
    pub stream: Arc<str>,
    /// When the stream was created. `None` if its name alone identifies it.
    pub stream_created: Option<OffsetDateTime>,
    /// The position of the message within the stream.
    pub sequence: u64,
    /// When the message was published, by the clock of the source's service. For NATS this is the
    /// time at which the stream stored the message.
    pub published: OffsetDateTime,
    /// How often the message has been delivered, this delivery included. The first delivery has 1.
    pub attempt: u64,
}

impl Origin {
    /// The identity of the message at its source as one text: the stream, its creation in
    /// microseconds since 1970 if that time is known, and the sequence. The id is the same at every
    /// delivery. It is also the same in a replay, because dead letters store times in microseconds.
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

    /// The stream's creation time, or 1970 if it is not known. The dead-letter table and a letter's
    /// key use this value, because they need some time.
    #[must_use]
    pub fn stream_created_or_epoch(&self) -> OffsetDateTime {
        self.stream_created.unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The inverse of [`stream_created_or_epoch`](Self::stream_created_or_epoch): 1970 becomes
    /// `None`.
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
    /// Joins a message and its parsed payload.
    #[must_use]
    pub fn new(message: Message, json: serde_json::Value) -> Self {
        Self { message, json }
    }

    /// The message that the document came in. The message's payload is stored as published.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The parsed payload. Numbers keep their digits (`serde_json` with `arbitrary_precision`).
    #[must_use]
    pub fn json(&self) -> &serde_json::Value {
        &self.json
    }

    /// The message alone. The parsed payload is dropped, which frees its memory.
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }
}

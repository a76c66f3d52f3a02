use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use l0_http::Client;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Delivery, Error, Message, Origin, Receipt, Verdict, async_trait};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use crate::room::Room;

/// The stream of all posted documents, whatever the port: only its content identifies a document.
pub(crate) const STREAM: &str = "http:/documents";

/// The path to which documents are posted.
pub(crate) const PATH: &str = "/documents";

/// A document whose client waits for the answer.
pub(crate) struct Posted {
    payload: Bytes,
    answer: oneshot::Sender<Verdict>,
    /// The memory of the request's body, which the payload may be a part of.
    room: Arc<Room>,
}

impl Posted {
    /// The receiver gets no verdict if the document is given back.
    pub fn new(payload: Bytes, room: Arc<Room>) -> (Self, oneshot::Receiver<Verdict>) {
        let (answer, verdict) = oneshot::channel();
        (Self { payload, answer, room }, verdict)
    }

    /// The client that posted it.
    pub fn client(&self) -> Client {
        self.room.client()
    }

    /// Whether the client no longer waits for the answer.
    pub fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    pub fn deliver(self, stream: &Arc<str>, in_flight: InFlight) -> Delivery {
        let Self { payload, answer, room } = self;
        let origin = Origin {
            stream: Arc::clone(stream),
            stream_created: None,
            sequence: sequence(&payload),
            published: OffsetDateTime::now_utc(),
            attempt: 1,
        };
        let message = Message { origin, subject: PATH.to_owned(), headers: Bytes::new(), payload };
        let ticket = Ticket { answer, _room: room, _in_flight: in_flight };
        Delivery::new(message, Box::new(ticket))
    }
}

/// The first 63 bits of the content's SHA-256, so that a bad document that is sent twice is one
/// dead letter.
fn sequence(payload: &[u8]) -> u64 {
    let digest = Sha256::digest(payload);
    let first = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    first >> 1
}

/// Counts a delivery until it is dropped.
pub(crate) struct InFlight(Arc<AtomicU64>);

impl InFlight {
    pub fn new(count: &Arc<AtomicU64>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers the client. If it is dropped unsettled, the client is told to send the document again:
/// the client is the store of this source.
struct Ticket {
    answer: oneshot::Sender<Verdict>,
    _room: Arc<Room>,
    _in_flight: InFlight,
}

#[async_trait]
impl Receipt for Ticket {
    /// It is not a failure if the client has gone: it was promised nothing.
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        let _ = self.answer.send(verdict);
        Ok(())
    }
}

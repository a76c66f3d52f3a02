//! Reads the bodies of requests into memory.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use l0_http::Client;
use l0_stage::Bytes;
use tokio::time::timeout;

use crate::gzip;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::room::{Memory, Room};

/// A body in memory, and the room that it takes.
pub(crate) type Kept = (Bytes, Arc<Room>);

/// Bytes that are reserved before the first byte has arrived.
const FIRST: usize = 16 * 1024;

/// How long the rest of a refused body is read, so that its client sees the answer.
const LINGER: Duration = Duration::from_secs(2);

/// Reads bodies into memory.
#[derive(Debug)]
pub(crate) struct Bodies {
    memory: Memory,
    largest: usize,
    patience: Duration,
}

impl Bodies {
    pub fn new(memory: Memory, largest: usize, patience: Duration) -> Self {
        Self { memory, largest, patience }
    }

    /// Reads the whole body. It does not read a body that is announced as too large, or for which
    /// there is no room. The reserved memory grows with what has arrived. Sets `is_sent` once the
    /// client has been asked to send.
    pub async fn read(
        &self,
        client: Client,
        body: &mut Incoming,
        is_sent: &mut bool,
    ) -> Result<Kept, Problem> {
        let announced = body.size_hint().exact();
        let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced.is_some_and(|length| length > self.largest) {
            return Err(Problem::too_large(self.largest));
        }
        let most = announced.unwrap_or(self.largest);
        self.memory.check(client, announced.unwrap_or_default())?;
        let room = self.memory.reserve(client, FIRST.min(most))?;
        *is_sent = true;
        let reading = self.collect(body, most, room);
        timeout(self.patience, reading).await.unwrap_or(Err(Problem::body_too_slow()))
    }

    /// Unpacks a body of gzip. What it unpacks to has the same limits as a body.
    pub async fn unpack(&self, client: Client, packed: Kept) -> Result<Kept, Problem> {
        let (bytes, room) = gzip::unpack(&packed.0, &self.memory, client, self.largest).await?;
        Ok((bytes.into(), Arc::new(room)))
    }

    /// Reads at most `most` bytes: the announced length, or the largest allowed one.
    async fn collect(
        &self,
        body: &mut Incoming,
        most: usize,
        mut room: Room,
    ) -> Result<Kept, Problem> {
        let (mut bytes, mut pace) = (Vec::with_capacity(FIRST.min(most)), Pace::new(most));
        while let Some(frame) = pace.keep(body.frame()).await? {
            let frame = frame.map_err(|_| Problem::incomplete())?;
            let Ok(data) = frame.into_data() else { continue };
            pace.arrived(data.len());
            let needed = bytes.len() + data.len();
            if needed > most {
                return Err(Problem::too_large(self.largest));
            }
            if needed > bytes.capacity() {
                let capacity = needed.max(2 * bytes.capacity()).min(most);
                self.memory.extend(&mut room, capacity - bytes.capacity())?;
                bytes.reserve_exact(capacity - bytes.len());
            }
            // Copied, because a frame keeps the whole buffer of its connection alive.
            bytes.extend_from_slice(&data);
        }
        Ok((bytes.into(), Arc::new(room)))
    }

    /// Reads the rest of a body. If the connection were closed before the client has sent
    /// everything, the client would not see the answer.
    pub fn linger(&self, mut body: Incoming) {
        if body.is_end_stream() {
            return;
        }
        let mut left = self.largest;
        tokio::spawn(timeout(LINGER, async move {
            while let Some(Ok(frame)) = body.frame().await {
                let size = frame.data_ref().map(Bytes::len).unwrap_or_default();
                match left.checked_sub(size) {
                    Some(rest) => left = rest,
                    None => break,
                }
            }
        }));
    }
}

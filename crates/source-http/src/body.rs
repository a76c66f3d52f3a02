use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body as _, Incoming};
use hyper::header::EXPECT;
use l0_stage::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::problem::Problem;

/// What is reserved at first for a body that does not tell its length.
const UNKNOWN: usize = 16 * 1024;

/// How long what is left of a refused body is read, so that its client sees the answer.
const LINGER: Duration = Duration::from_secs(2);

/// Bounds the bytes of all bodies in memory (invariant 5).
#[derive(Debug)]
pub(crate) struct Bodies {
    /// A permit is a byte.
    memory: Arc<Semaphore>,
    largest: usize,
    patience: Duration,
}

/// A body's part of the memory; it lasts as long as any part of the body.
#[derive(Debug)]
pub(crate) struct Room(OwnedSemaphorePermit);

impl Bodies {
    pub fn new(memory: usize, largest: usize, patience: Duration) -> Self {
        Self { memory: Arc::new(Semaphore::new(memory)), largest, patience }
    }

    /// The whole body. One that is announced as too large, or for which there is no room, is not read.
    pub async fn read(&self, body: &mut Incoming) -> Result<(Bytes, Arc<Room>), Problem> {
        let announced = body.size_hint().exact();
        let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced.is_some_and(|length| length > self.largest) {
            return Err(Problem::too_large(self.largest));
        }
        let first = announced.unwrap_or(UNKNOWN.min(self.largest));
        let room = self.reserve(first)?;
        let reading = self.collect(body, Vec::with_capacity(first), room);
        timeout(self.patience, reading).await.unwrap_or(Err(Problem::body_too_slow()))
    }

    async fn collect(
        &self,
        body: &mut Incoming,
        mut bytes: Vec<u8>,
        mut room: Room,
    ) -> Result<(Bytes, Arc<Room>), Problem> {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Problem::incomplete())?;
            let Ok(data) = frame.into_data() else { continue };
            let needed = bytes.len() + data.len();
            if needed > self.largest {
                return Err(Problem::too_large(self.largest));
            }
            if needed > bytes.capacity() {
                let capacity = needed.max(2 * bytes.capacity()).min(self.largest);
                room.0.merge(self.reserve(capacity - bytes.capacity())?.0);
                bytes.reserve_exact(capacity - bytes.len());
            }
            // Copied, because a frame holds on to the whole buffer of its connection.
            bytes.extend_from_slice(&data);
        }
        Ok((bytes.into(), Arc::new(room)))
    }

    fn reserve(&self, bytes: usize) -> Result<Room, Problem> {
        let permits = u32::try_from(bytes).map_err(|_| Problem::memory_full())?;
        let permit = Arc::clone(&self.memory).try_acquire_many_owned(permits);
        permit.map(Room).map_err(|_| Problem::memory_full())
    }

    /// A connection that is closed before the client has sent everything takes the answer with it. A
    /// client that asked whether to send is spared the sending.
    pub fn linger(&self, mut body: Incoming, headers: &HeaderMap) {
        if body.is_end_stream() || headers.contains_key(EXPECT) {
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

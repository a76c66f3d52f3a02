//! A connection that fails when its peer stops reading.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Longest answer whose parts are copied into one buffer.
const SMALL: usize = 4096;

/// A connection that fails once its peer has read nothing of what is written for `patience`.
///
/// Reading has no limit here: hyper limits the time for a request's headers, and the routes the
/// time for its body.
#[derive(Debug)]
pub(crate) struct Steady<S> {
    stream: S,
    patience: Duration,
    /// The buffer of an answer that is sent by one plain write, which costs the kernel less than a
    /// vectored one.
    small: Vec<u8>,
    /// Set while writes find no room, since the first of them.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether writes find no room, for the admission to read.
    is_stalled: Arc<AtomicBool>,
}

impl<S> Steady<S> {
    pub fn new(stream: S, patience: Duration, is_stalled: Arc<AtomicBool>) -> Self {
        Self { stream, patience, small: Vec::new(), stalled: None, is_stalled }
    }

    /// Applies `patience` to a write. A write that finds room costs no timer.
    fn limit<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            if self.stalled.take().is_some() {
                self.is_stalled.store(false, Ordering::Relaxed);
            }
            return written;
        }
        self.is_stalled.store(true, Ordering::Relaxed);
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        let too_slow = || Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads nothing"));
        stalled.as_mut().poll(cx).map(|()| too_slow())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Steady<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Steady<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.limit(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { stream, small, .. } = &mut *self;
        let stream = Pin::new(stream);
        let written = match gather(small, slices) {
            true => stream.poll_write(cx, small),
            false => stream.poll_write_vectored(cx, slices),
        };
        self.limit(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Copies the slices into one buffer. Returns whether they were small enough.
fn gather(small: &mut Vec<u8>, slices: &[IoSlice<'_>]) -> bool {
    small.clear();
    let fits = slices.iter().map(|slice| slice.len()).sum::<usize>() <= SMALL;
    if fits {
        slices.iter().for_each(|slice| small.extend_from_slice(slice));
    }
    fits
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_waited_for_no_longer_than_the_patience() {
        let (ours, _theirs) = duplex(8);
        let mut connection = Steady::new(ours, PATIENCE, Arc::default());
        let started = Instant::now();
        let error = connection.write_all(&[0; 9]).await.expect_err("no room");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), PATIENCE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_a_little_now_and_then_gets_everything() {
        let (ours, mut theirs) = duplex(8);
        let mut connection = Steady::new(ours, PATIENCE, Arc::default());
        let write = async {
            connection.write_all(&[7; 40]).await.expect("everything is taken");
            connection.shutdown().await.expect("end");
        };
        let read = async {
            let mut taken = 0;
            loop {
                sleep(PATIENCE - Duration::from_secs(1)).await;
                match theirs.read(&mut [0; 8]).await.expect("read") {
                    0 => return taken,
                    bytes => taken += bytes,
                }
            }
        };
        assert_eq!(tokio::join!(write, read).1, 40);
    }
}

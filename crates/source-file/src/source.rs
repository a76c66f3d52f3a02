//! The source: documents of files, of a pipe or of standard input.

use std::future;
use std::sync::Arc;
use std::time::Instant;

use l0_stage::anyhow::Context as _;
use l0_stage::observe::Progress;
use l0_stage::{Delivery, Error, Source, Stop, async_trait};
use tokio::sync::OnceCell;
use tokio::time::sleep_until;

use crate::input::Input;
use crate::queue::{Item, Next, Queue};
use crate::reader;

/// A document up to this many times the largest allowed one is delivered whole, so that its letter
/// has the exact bytes. A longer one ends its input.
const LONGEST: usize = 16;

/// Documents of files, of a pipe or of standard input.
pub(crate) struct FileSource {
    inputs: Vec<Input>,
    longest: usize,
    total: Option<u64>,
    reading: OnceCell<()>,
    queue: Arc<Queue>,
}

impl FileSource {
    pub fn new(inputs: Vec<Input>, max_document_bytes: usize) -> Self {
        Self {
            total: inputs.iter().map(|input| input.size).sum(),
            inputs,
            longest: max_document_bytes.saturating_mul(LONGEST),
            reading: OnceCell::new(),
            queue: Arc::default(),
        }
    }

    async fn start_reading(&self) -> Result<(), Error> {
        let start = async || {
            let (inputs, queue) = (self.inputs.clone(), Arc::clone(&self.queue));
            reader::start(inputs, self.longest, queue)
                .context("cannot start the thread that reads the input")
                .map_err(Error::permanent)
        };
        self.reading.get_or_try_init(start).await.copied()
    }

    fn deliver(&self, items: Vec<Item>) -> Vec<Delivery> {
        items.into_iter().map(|item| self.queue.deliver(item)).collect()
    }
}

#[async_trait]
impl Source for FileSource {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        self.start_reading().await?;
        loop {
            let changed = self.queue.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if stop.is_requested() {
                return Ok(None);
            }
            let due = match self.queue.take(max)? {
                Next::Batch(batch) => return Ok(Some(self.deliver(batch))),
                Next::End => return Ok(None),
                Next::Wait(due) => due,
            };
            tokio::select! {
                () = changed => {}
                () = until(due) => {}
                () = stop.requested() => {}
            }
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.queue.progress(self.total))
    }
}

impl Drop for FileSource {
    /// Wakes the reader, which may be waiting for room.
    fn drop(&mut self) {
        self.queue.end(Ok(()));
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => future::pending().await,
    }
}

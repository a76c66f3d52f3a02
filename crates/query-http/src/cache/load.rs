use std::sync::Arc;

use l0_stage::{Bytes, Error, Reader};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{error, warn};

use super::{Answer, Failure, Shelf};
use crate::content::Content;

/// One read of a document for everybody who waits for it.
pub(super) struct Load {
    shelf: Arc<Shelf>,
    id: i64,
    answer: oneshot::Sender<Answer>,
}

impl Load {
    pub fn new(shelf: Arc<Shelf>, id: i64, answer: oneshot::Sender<Answer>) -> Self {
        Self { shelf, id, answer }
    }

    pub async fn run(self, reader: Arc<dyn Reader>) {
        let Self { shelf, id, answer } = self;
        let registered = Registered { shelf: &shelf, id };
        let read = shelf.read(id, &*reader).await;
        if let Ok(Some(content)) = &read {
            shelf.with(|state| state.kept.put(id, content.clone()));
        }
        // Before the answer: whoever has an error in hand and asks again starts a new load.
        drop(registered);
        // Nobody waits any more when all clients went away; what was read is kept all the same.
        let _ = answer.send(read);
    }
}

impl Shelf {
    async fn read(&self, id: i64, reader: &dyn Reader) -> Answer {
        match timeout(self.limits.load_timeout, reader.document(id)).await {
            Ok(Ok(found)) => Ok(found.map(|bytes| Content::new(own(&bytes)))),
            Ok(Err(error)) => Err(self.complain(id, &error)),
            Err(_elapsed) => {
                if self.complaints.passes() {
                    warn!(id, "a document could not be read in time");
                }
                Err(Failure::TimedOut)
            }
        }
    }

    fn complain(&self, id: i64, error: &Error) -> Failure {
        let heals = matches!(error, Error::Retryable { .. });
        if self.complaints.passes() {
            match heals {
                true => warn!(id, %error, "a document cannot be read at present"),
                false => error!(id, %error, "a document cannot be read"),
            }
        }
        if heals { Failure::Unavailable } else { Failure::Broken }
    }
}

/// What a driver returns may be a slice that keeps its whole network buffer alive, and the cache
/// counts the document's bytes alone.
fn own(bytes: &Bytes) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// Takes the load off the list however it ends, a panic of the reader included.
struct Registered<'a> {
    shelf: &'a Shelf,
    id: i64,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.shelf.with(|state| state.loading.remove(&self.id));
    }
}

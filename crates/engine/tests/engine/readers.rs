//! A reader that panics, as a query stage meets it.

use std::sync::Arc;

use l0_stage::stored::{Edition, Entry, Lookup};
use l0_stage::{Bytes, Error, Query, Reader, Sink, Stop, View, Why, Writer, async_trait};
use l0_testkit::memory::{self, Source};
use tokio::sync::mpsc;

use crate::support::start;

/// A sink whose reader panics at every call.
#[derive(Clone)]
struct Unreadable(memory::Sink);

#[async_trait]
impl Sink for Unreadable {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        self.0.writer().await
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(Arc::new(Panics))
    }
}

struct Panics;

#[async_trait]
impl Reader for Panics {
    async fn documents(&self, _: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        panic!("at documents")
    }

    async fn entries(&self, _: &Lookup, _: Option<i64>, _: usize) -> Result<Vec<Entry>, Error> {
        panic!("at entries")
    }

    async fn edition(&self) -> Result<Option<Edition>, Error> {
        panic!("at edition")
    }

    fn fields(&self) -> &[String] {
        panic!("at fields")
    }
}

/// Hands out its view.
struct Window(mpsc::UnboundedSender<View>);

#[async_trait]
impl Query for Window {
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error> {
        let _ = self.0.send(view);
        stop.requested().await;
        Ok(())
    }
}

fn is_panic<T>(read: &Result<T, Error>) -> bool {
    matches!(read, Err(Error::Retryable { why: Why::Panicked, .. }))
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_panics_is_one_that_cannot_be_asked_at_present() {
    let (views, mut seen) = mpsc::unbounded_channel();
    let (sink, stop) = (Unreadable(memory::Sink::new()), Stop::new());
    let running = start(&Source::endless(), sink).query(Window(views)).stop(stop.clone());
    let running = tokio::spawn(running.finish());
    let view = seen.recv().await.unwrap();
    let reader = loop {
        match view.reader() {
            Some(reader) => break reader,
            None => tokio::task::yield_now().await,
        }
    };
    assert!(is_panic(&reader.documents(&[1]).await));
    assert!(is_panic(&reader.entries(&Lookup::All, None, 1).await));
    assert!(is_panic(&reader.edition().await));
    assert_eq!(reader.fields(), [""; 0]);
    stop.request();
    running.await.unwrap().unwrap();
}

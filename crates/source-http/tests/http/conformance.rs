//! The suite, except for two behaviours. The suite distinguishes messages of equal content,
//! which are one document here (see `life.rs`). And its publisher is confirmed before the message
//! is settled, here only after the commit (see `publish.rs`).

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use l0_stage::{Bytes, Source};
use l0_testkit::conformance::{Published, SourceLab};
use l0_testkit::{conformance_tests, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Lab, PATIENCE};

struct Listener(Lab);

impl SourceLab for Listener {
    /// Each message has its own client, all at one address.
    async fn open() -> Self {
        Self(Lab::open("max_connections_per_address = 0").await)
    }

    async fn connect(&self) -> Arc<dyn Source> {
        Arc::clone(&self.0.source)
    }

    /// The client waits for its answer until the test ends.
    async fn publish(&self, payload: Bytes) -> Published {
        let address = self.0.address;
        tokio::spawn(async move {
            let mut stream = first_connection(address).await;
            let head = format!(
                "POST /documents HTTP/1.0\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n",
                payload.len()
            );
            stream.write_all(&[head.as_bytes(), &payload].concat()).await.expect("written");
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
        Published { subject: "/documents".to_owned(), headers: Bytes::new() }
    }
}

/// The suites publish before they receive, and the source listens only from the first receive on.
fn first_connection(address: SocketAddr) -> Pin<Box<dyn Future<Output = TcpStream> + Send>> {
    Box::pin(eventually(PATIENCE, "a listener", async move || {
        TcpStream::connect(address).await.ok()
    }))
}

conformance_tests! { Listener, SourceLab, source,
    what_was_published_arrives_byte_for_byte_with_its_headers
    a_batch_is_never_empty_and_never_larger_than_asked_for
    who_waits_gets_the_message_that_comes
    of_many_receivers_at_once_each_message_reaches_one
    a_stop_ends_the_input_of_those_who_wait_and_those_who_come
}

l0_testkit::plugin_conformance!(l0_source_http::HttpConfig);

//! What every source must do that keeps its messages until they are settled.

use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::{self, Context};
use l0_stage::{Bytes, Plugin, Source};
use l0_testkit::NatsServer;
use l0_testkit::conformance::{AckWaitLab, Attach, Published, SourceLab};

use crate::support::{SUBJECT, config, connect, context};

struct Nats {
    publisher: Context,
    url: String,
    /// Not of a lab in another process.
    _server: Option<NatsServer>,
}

impl Nats {
    async fn at(url: String, server: Option<NatsServer>) -> Self {
        let client = async_nats::connect(&url).await.expect("a client");
        Self { publisher: jetstream::new(client), url, _server: server }
    }
}

impl SourceLab for Nats {
    fn is_available() -> bool {
        l0_testkit::services_available(module_path!())
    }

    async fn open() -> Self {
        let server = NatsServer::start().await;
        // Creates the stream.
        connect(&server, ACK_WAIT).await;
        Self::at(server.url(), Some(server)).await
    }

    async fn connect(&self) -> Arc<dyn Source> {
        let config = config(&self.url, ACK_WAIT);
        config.connect(&context()).await.expect("connected").into()
    }

    fn tells_backlog() -> bool {
        true
    }

    async fn publish(&self, payload: Bytes) -> Published {
        let mut headers = HeaderMap::new();
        headers.insert("Trace", "ы: 1");
        let held = self.publisher.publish_with_headers(SUBJECT, headers, payload).await;
        held.expect("published").await.expect("held");
        let headers = "NATS/1.0\r\nTrace: ы: 1\r\n\r\n".into();
        Published { subject: SUBJECT.to_owned(), headers }
    }
}

impl Attach for Nats {
    fn address(&self) -> String {
        self.url.clone()
    }

    async fn attach(address: &str) -> Self {
        Self::at(address.to_owned(), None).await
    }
}

const ACK_WAIT: &str = "ack_wait_secs = 2";

impl AckWaitLab for Nats {
    const ACK_WAIT: Duration = Duration::from_secs(2);
}

l0_testkit::source_conformance!(Nats);
l0_testkit::redelivery_conformance!(Nats);
l0_testkit::ack_wait_conformance!(Nats);
l0_testkit::remembering_conformance!(Nats);
l0_testkit::killed_source_conformance!(Nats);
l0_testkit::panicking_source_conformance!(Nats);
l0_testkit::plugin_conformance!(l0_source_nats::NatsConfig);

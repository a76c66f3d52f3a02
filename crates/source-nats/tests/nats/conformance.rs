//! What every source must do that keeps its messages until they are settled.

use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use l0_stage::{Bytes, Source};
use l0_testkit::NatsServer;
use l0_testkit::conformance::{AckWaitLab, Published, SourceLab};

use crate::support::{SUBJECT, admin, connect};

struct Nats {
    publisher: Context,
    server: NatsServer,
}

impl SourceLab for Nats {
    fn is_available() -> bool {
        l0_testkit::services_available(module_path!())
    }

    async fn open() -> Self {
        let server = NatsServer::start().await;
        // Creates the stream.
        connect(&server, ACK_WAIT).await;
        Self { publisher: admin(&server).await, server }
    }

    async fn connect(&self) -> Arc<dyn Source> {
        connect(&self.server, ACK_WAIT).await.into()
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

const ACK_WAIT: &str = "ack_wait_secs = 2";

impl AckWaitLab for Nats {
    const ACK_WAIT: Duration = Duration::from_secs(2);
}

l0_testkit::source_conformance!(Nats);
l0_testkit::redelivery_conformance!(Nats);
l0_testkit::ack_wait_conformance!(Nats);
l0_testkit::remembering_conformance!(Nats);
l0_testkit::plugin_conformance!(l0_source_nats::NatsConfig);

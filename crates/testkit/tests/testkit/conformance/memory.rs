use std::sync::Arc;

use l0_stage::{Bytes, Error};
use l0_testkit::conformance::{EndingLab, Published, SinkLab, SourceLab};
use l0_testkit::memory::{Sink, Source};

pub struct MemorySink(pub Sink);

impl SinkLab for MemorySink {
    async fn open() -> Self {
        Self(Sink::new().keyed_by("/key").found_by("group"))
    }

    async fn connect(&self) -> Result<Box<dyn l0_stage::Sink>, Error> {
        Ok(Box::new(self.0.clone()))
    }

    async fn of_pipeline(&self, name: &str) -> Option<Box<dyn l0_stage::Sink>> {
        Some(Box::new(self.0.of_pipeline(name)))
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"key":"{key}"{members}}}"#)
    }

    fn unfit(_key: &str, _text: &str) -> Option<String> {
        None
    }

    fn with_field(key: &str, value: &str) -> Option<(&'static str, String)> {
        Some(("group", format!(r#"{{"key":"{key}","group":"{value}"}}"#)))
    }

    async fn trip(&self) -> bool {
        self.0.on_write(|| panic!("the lab makes the sink panic, while it holds its lock"));
        true
    }

    fn keeps_deliveries() -> bool {
        true
    }
}

/// An input that ends.
struct MemoryInput;

impl EndingLab for MemoryInput {
    async fn open() -> Self {
        Self
    }

    async fn holding(&self, payloads: &[Bytes]) -> Arc<dyn l0_stage::Source> {
        Arc::new(Source::of(payloads.iter().cloned()).redelivering())
    }
}

pub struct MemorySource(pub Source);

impl SourceLab for MemorySource {
    async fn open() -> Self {
        Self(Source::endless().redelivering())
    }

    async fn connect(&self) -> Arc<dyn l0_stage::Source> {
        Arc::new(self.0.clone())
    }

    async fn publish(&self, payload: Bytes) -> Published {
        self.0.push(payload);
        Published { subject: "test".to_owned(), headers: Bytes::new() }
    }
}

l0_testkit::sink_conformance!(MemorySink);
l0_testkit::reader_conformance!(MemorySink);
l0_testkit::entry_conformance!(MemorySink);
l0_testkit::dead_letter_conformance!(MemorySink);
l0_testkit::source_conformance!(MemorySource);
l0_testkit::redelivery_conformance!(MemorySource);
l0_testkit::remembering_conformance!(MemorySource);
l0_testkit::panicking_sink_conformance!(MemorySink);
l0_testkit::panicking_source_conformance!(MemorySource);
l0_testkit::ending_conformance!(MemoryInput);

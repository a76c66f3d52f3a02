use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use async_nats::jetstream::{self, consumer, stream};
use l0_source_nats::NatsConfig;
use l0_stage::{Context, Delivery, Error, Plugin, Source, Stop, Verdict, Why};
use l0_testkit::{NatsServer, eventually};

pub const SOON: Duration = Duration::from_secs(20);

pub const STREAM: &str = "ORDERS";
pub const SUBJECT: &str = "order";
pub const DURABLE: &str = "order-workers";

pub fn context() -> Context {
    Context {
        pipeline: "test".into(),
        workers: 4,
        max_batch: 100,
        max_document_bytes: 1024 * 1024,
        base: PathBuf::from("."),
    }
}

pub fn parse(toml: &str) -> NatsConfig {
    toml::from_str(toml).expect("config")
}

/// A section for this server. `more` are further lines.
pub fn config(url: &str, more: &str) -> NatsConfig {
    parse(&format!(
        "url = '{url}'\nstream = '{STREAM}'\nsubject = '{SUBJECT}'\ndurable = '{DURABLE}'\n{more}"
    ))
}

pub async fn try_connect(server: &NatsServer, more: &str) -> Result<Box<dyn Source>, Error> {
    config(&server.url(), more).connect(&context()).await
}

pub async fn connect(server: &NatsServer, more: &str) -> Box<dyn Source> {
    try_connect(server, more).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The reason and the whole text of the error.
pub fn reason<T>(result: Result<T, Error>) -> (Why, String) {
    match result {
        Err(error @ Error::Retryable { why, .. }) => (why, error.to_string()),
        Err(error) => panic!("not retryable: {error}"),
        Ok(_) => panic!("no error"),
    }
}

pub async fn admin(server: &NatsServer) -> jetstream::Context {
    jetstream::new(async_nats::connect(server.url()).await.expect("client"))
}

pub async fn stream_info(admin: &jetstream::Context) -> stream::Info {
    admin.get_stream(STREAM).await.expect("stream").cached_info().clone()
}

pub async fn durable_info(admin: &jetstream::Context) -> consumer::Info {
    let stream = admin.get_stream_no_info(STREAM).await.expect("stream");
    stream.consumer_info(DURABLE).await.expect("durable")
}

pub async fn publish(source: &dyn Source, count: usize) {
    let publisher = source.publisher().expect("publisher");
    for number in 0..count {
        publisher.publish(format!("{{\"number\":{number}}}").into()).await.expect("published");
    }
}

pub async fn receive(source: &dyn Source, max: usize) -> Vec<Delivery> {
    let stop = Stop::new();
    let batch = tokio::time::timeout(SOON, source.receive(max, &stop)).await.expect("in time");
    batch.unwrap_or_else(|error| panic!("{error}")).expect("not the end")
}

pub async fn receive_one(source: &dyn Source) -> Delivery {
    receive(source, 1).await.remove(0)
}

/// Receives until a batch comes. After a fault, errors are expected.
pub async fn receive_at_last(source: &dyn Source) -> Vec<Delivery> {
    let receiving =
        async || source.receive(100, &Stop::new()).await.ok().map(|batch| batch.expect("no end"));
    eventually(SOON, "a batch after the fault", receiving).await
}

pub async fn settle(batch: Vec<Delivery>) {
    for delivery in batch {
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    }
}

pub async fn is_settled(admin: &jetstream::Context) {
    let settled = async || (durable_info(admin).await.num_ack_pending == 0).then_some(());
    eventually(SOON, "every delivery is settled", settled).await;
}

pub async fn publish_at_last(source: &dyn Source) {
    let published = async || source.publisher()?.publish("{}".into()).await.ok();
    eventually(SOON, "published", published).await;
}

pub fn copy_folder(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp");
    assert!(copied.success());
}

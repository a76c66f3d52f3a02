use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use l0_source_http::HttpConfig;
use l0_stage::serde_json::{self, Value};
use l0_stage::{Context, Delivery, Message, Plugin, Reason, Rejection, Source, Stop, Verdict};
use l0_testkit::http::{Answer, exchange};
use l0_testkit::{Port, eventually};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub use l0_testkit::http::PATIENCE;

pub const JSON: &str = "application/json";
pub const NDJSON: &str = "application/x-ndjson";

pub fn context() -> Context {
    Context {
        pipeline: "test".to_owned(),
        workers: 2,
        max_batch: 100,
        max_document_bytes: 1024 * 1024,
        base: std::env::temp_dir(),
    }
}

pub fn parse(toml: &str) -> HttpConfig {
    toml::from_str(toml).expect("config")
}

/// A source on its own port. It listens from the first receive on.
pub struct Lab {
    pub source: Arc<dyn Source>,
    pub address: SocketAddr,
    config: String,
    _port: Port,
}

impl Lab {
    /// Opens a source with these lines of configuration after `listen`.
    pub async fn open(more: &str) -> Self {
        let port = Port::free();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.number()));
        let config = format!("listen = '{address}'\n{more}");
        Self { source: connect(&config).await, address, config, _port: port }
    }

    /// Another source of the same configuration, as in another process.
    pub async fn another(&self) -> Arc<dyn Source> {
        connect(&self.config).await
    }

    /// Opens a source with a worker that decides each document by [`decide`].
    pub async fn deciding(more: &str) -> Self {
        let lab = Self::open(more).await;
        tokio::spawn(work(Arc::clone(&lab.source)));
        lab.listens().await;
        lab
    }

    /// Opens a source with a worker that has this document in hand. Returns its client too.
    pub async fn holding(more: &str, held: &str) -> (Self, Delivery, JoinHandle<Answer>) {
        let lab = Self::open(more).await;
        let receiving = lab.receiving(1);
        lab.listens().await;
        let client = lab.posting(JSON, held);
        let held = receiving.await.expect("no panic").remove(0);
        (lab, held, client)
    }

    /// The next batch, empty at the end of the input.
    pub fn receiving(&self, max: usize) -> JoinHandle<Vec<Delivery>> {
        let source = Arc::clone(&self.source);
        tokio::spawn(async move { receive(&*source, max).await })
    }

    pub async fn receive(&self, max: usize) -> Vec<Delivery> {
        receive(&*self.source, max).await
    }

    pub async fn listens(&self) {
        eventually(PATIENCE, "a listener", async || TcpStream::connect(self.address).await.ok())
            .await;
    }

    pub async fn waiting(&self, documents: u64) {
        let waiting = || self.source.backlog().expect("known").waiting;
        eventually(PATIENCE, "a document in the queue", async || {
            (waiting() == documents).then_some(())
        })
        .await;
    }

    pub async fn post(&self, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        post_with(self.address, &format!("Content-Type: {content_type}\r\n"), body).await
    }

    pub fn posting(&self, content_type: &str, body: impl AsRef<[u8]>) -> JoinHandle<Answer> {
        let headers = format!("Content-Type: {content_type}\r\n");
        self.posting_with(headers, body)
    }

    pub fn posting_with(&self, headers: String, body: impl AsRef<[u8]>) -> JoinHandle<Answer> {
        let (address, body) = (self.address, body.as_ref().to_vec());
        tokio::spawn(async move { post_with(address, &headers, &body).await })
    }
}

async fn connect(config: &str) -> Arc<dyn Source> {
    parse(config).connect(&context()).await.expect("connected").into()
}

async fn receive(source: &dyn Source, max: usize) -> Vec<Delivery> {
    let stop = Stop::new();
    let batch = timeout(PATIENCE, source.receive(max, &stop)).await.expect("in time");
    batch.expect("received").unwrap_or_default()
}

/// Uses HTTP/1.0, so that the body of the answer ends with the connection and is not chunked.
pub async fn post_with(address: SocketAddr, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let (body, length) = (body.as_ref(), body.as_ref().len());
    let head = format!("POST /documents HTTP/1.0\r\n{headers}Content-Length: {length}\r\n\r\n");
    exchange(address, [head.as_bytes(), body].concat()).await
}

/// The lines of an answer to several documents.
pub fn lines(answer: &Answer) -> Vec<Value> {
    let text = std::str::from_utf8(&answer.body).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("json")).collect()
}

pub fn statuses(answer: &Answer) -> Vec<u64> {
    lines(answer).iter().map(|line| line["status"].as_u64().expect("status")).collect()
}

async fn work(source: Arc<dyn Source>) {
    let stop = Stop::new();
    while let Ok(Some(batch)) = source.receive(100, &stop).await {
        for Delivery { message, receipt, .. } in batch {
            if let Some(verdict) = decide(&message) {
                receipt.settle(verdict).await.expect("settled");
            }
        }
    }
}

/// The verdict that a test's document asks for by its text.
fn decide(message: &Message) -> Option<Verdict> {
    Some(match &message.payload[..] {
        b"\"duplicate\"" => Verdict::Duplicate { id: 7 },
        b"\"conflict\"" => Verdict::Buried(Rejection::conflict(7)),
        b"\"bad\"" => {
            let detail = "`/a\"b` is no number";
            Verdict::Buried(Rejection::new(Reason::SchemaViolation, detail))
        }
        b"\"later\"" => Verdict::Returned(Duration::from_secs(3)),
        b"\"drop\"" => return None,
        _ => Verdict::Stored { id: 8 },
    })
}

pub fn payloads(batch: &[Delivery]) -> Vec<String> {
    let payloads = batch.iter().map(|delivery| delivery.message.payload.to_vec());
    payloads.map(|payload| String::from_utf8(payload).expect("text")).collect()
}

pub async fn store(batch: Vec<Delivery>) {
    for delivery in batch {
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    }
}

//! A client that posts documents, and knows its answers even if the connection broke.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

/// What became of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Outcome {
    pub status: u16,
    pub id: Option<i64>,
}

impl Outcome {
    /// Committed, or already committed before.
    pub fn is_stored(self) -> bool {
        matches!(self.status, 200 | 201)
    }

    /// Neither stored nor buried: it must be sent again.
    pub fn is_open(self) -> bool {
        matches!(self.status, 429 | 503)
    }
}

/// One connection.
pub struct Client(SendRequest<Full<Bytes>>);

impl Client {
    /// `None` if no server listens there.
    pub async fn connect(at: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(at).await.ok()?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Self(sender))
    }

    /// The answer to one document; `None` when the connection broke before it.
    pub async fn post(&mut self, document: Bytes) -> Option<Outcome> {
        let (status, body) = self.send("application/json", document).await?;
        let answer: serde_json::Value = serde_json::from_slice(&body).ok()?;
        Some(Outcome { status, id: answer["id"].as_i64() })
    }

    /// As many answers as came before the connection broke.
    pub async fn post_lines(&mut self, documents: &[Bytes]) -> Vec<Outcome> {
        let lines: Vec<u8> = documents.iter().flat_map(|it| [it, &b"\n"[..]].concat()).collect();
        let answered = self.send("application/x-ndjson", lines.into()).await;
        let Some((200, body)) = answered else { return Vec::new() };
        let whole = body.split_inclusive(|byte| *byte == b'\n').filter(|it| it.ends_with(b"\n"));
        whole.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    /// The status, and the part of the body that came.
    async fn send(&mut self, kind: &str, body: Bytes) -> Option<(u16, Vec<u8>)> {
        let request = Request::post("/documents").header("host", "test");
        let request = request.header("content-type", kind).body(Full::new(body)).unwrap();
        let mut answer = self.0.send_request(request).await.ok()?;
        let mut received = Vec::new();
        while let Some(Ok(frame)) = answer.body_mut().frame().await {
            received.extend(frame.into_data().unwrap_or_default());
        }
        Some((answer.status().as_u16(), received))
    }
}

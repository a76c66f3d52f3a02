//! The client that posts.

use std::net::SocketAddr;

use anyhow::ensure;
use bytes::Bytes;
use futures_util::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Two bodies are with the two workers, and two wait, so that the writer is never idle.
const CONNECTIONS: usize = 4;

/// The beginning of an answer's line if its document is new and committed.
const CREATED: &[u8] = b"{\"status\":201,";

/// Open connections. Each posts its next body when the last one is answered completely.
pub struct Feed {
    address: SocketAddr,
    connections: Vec<SendRequest<Full<Bytes>>>,
}

impl Feed {
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            // The sender gets the same error.
            tokio::spawn(async { connection.await.ok() });
            connections.push(sender);
        }
        Ok(Self { address, connections })
    }

    /// Posts all bodies. Returns their answers.
    pub async fn post(self, bodies: &[Bytes]) -> anyhow::Result<Vec<Bytes>> {
        let Self { address, connections } = self;
        let posting = connections.into_iter().enumerate().map(|(number, mut connection)| {
            let bodies = bodies.iter().skip(number).step_by(CONNECTIONS);
            async move {
                let mut answers = Vec::new();
                for body in bodies {
                    answers.push(post(&mut connection, address, body.clone()).await?);
                }
                anyhow::Ok(answers)
            }
        });
        Ok(try_join_all(posting).await?.concat())
    }
}

async fn post(
    connection: &mut SendRequest<Full<Bytes>>,
    address: SocketAddr,
    body: Bytes,
) -> anyhow::Result<Bytes> {
    let request = Request::post("/documents")
        .header(HOST, address.to_string())
        .header(CONTENT_TYPE, "application/x-ndjson")
        .body(Full::new(body))?;
    connection.ready().await?;
    let response = connection.send_request(request).await?;
    let status = response.status();
    let answer = response.into_body().collect().await?.to_bytes();
    ensure!(status == StatusCode::OK, "{status}: {}", String::from_utf8_lossy(&answer));
    Ok(answer)
}

/// Checks that this many documents were answered, each with 201.
pub fn check(answers: &[Bytes], documents: usize) -> anyhow::Result<()> {
    let mut created = 0;
    for line in answers.iter().flat_map(|answer| answer.split_inclusive(|byte| *byte == b'\n')) {
        ensure!(line.starts_with(CREATED), "not 201: {}", String::from_utf8_lossy(line));
        created += 1;
    }
    ensure!(created == documents, "{created} answers to {documents} documents");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_is_answered_with_201_or_it_is_no_result() {
        let created = Bytes::from("{\"status\":201,\"id\":1}\n{\"status\":201,\"id\":2}\n");
        let repeated = Bytes::from("{\"status\":200,\"id\":2}\n");
        assert!(check(std::slice::from_ref(&created), 2).is_ok());
        assert!(check(std::slice::from_ref(&created), 3).is_err());
        assert!(check(&[created, repeated], 3).is_err());
    }
}

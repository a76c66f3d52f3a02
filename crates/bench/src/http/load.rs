//! Clients that use little CPU, because they share the machine with the server that they
//! measure.

use std::fmt;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Number of connections. Each is kept open and always busy.
const CLIENTS: u8 = 64;

/// They come from this many addresses, because a server may limit one address.
const ADDRESSES: u8 = 4;

/// A head and a document, with room to spare.
const ANSWER: usize = 16 * 1024;

/// More headers than any answer has.
const HEADERS: usize = 32;

/// Clients that ask for random documents, and ask again as soon as they are answered.
#[derive(Debug, Clone)]
pub struct Load {
    pub server: SocketAddr,
    pub ids: Arc<[i64]>,
}

/// The answers, all of which had status 200.
#[derive(Debug)]
pub struct Served {
    pub requests: u32,
    pub elapsed: Duration,
}

impl Load {
    /// Runs for this long. An answer other than 200 is an error.
    pub async fn run(&self, duration: Duration) -> anyhow::Result<Served> {
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            clients.push(Client::connect(self.server, number % ADDRESSES).await?);
        }
        let begin = Instant::now();
        let mut asking = JoinSet::new();
        for client in clients {
            asking.spawn(client.ask_until(begin + duration, Arc::clone(&self.ids)));
        }
        let mut requests = 0;
        while let Some(asked) = asking.join_next().await {
            requests += asked??;
        }
        Ok(Served { requests, elapsed: begin.elapsed() })
    }
}

/// The path of a document.
struct Document(i64);

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/get-json?id={}", self.0)
    }
}

/// A connection that is kept open.
pub struct Client {
    stream: TcpStream,
    question: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub async fn connect(server: SocketAddr, address: u8) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::new(127, 0, 0, 1 + address), 0).into())?;
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, question: Vec::new(), answer: Vec::with_capacity(ANSWER) })
    }

    async fn ask_until(mut self, end: Instant, ids: Arc<[i64]>) -> anyhow::Result<u32> {
        let mut random = fastrand::Rng::new();
        let mut requests = 0;
        while Instant::now() < end {
            let id = random.choice(&*ids).context("there are no ids to ask for")?;
            self.ask(Document(*id)).await?;
            requests += 1;
        }
        Ok(requests)
    }

    /// Reads the whole answer to a GET. A status other than 200 is an error.
    pub async fn ask(&mut self, path: impl fmt::Display) -> anyhow::Result<()> {
        self.question.clear();
        write!(self.question, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        self.stream.write_all(&self.question).await?;
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the server closed a connection");
            match length(&self.answer)? {
                Some(length) if self.answer.len() == length => return Ok(()),
                Some(length) => ensure!(self.answer.len() < length, "more than one answer"),
                None => {}
            }
        }
    }
}

/// The length of an answer, head and body, by its beginning. `None` until its head is complete.
fn length(answer: &[u8]) -> anyhow::Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(answer)? else { return Ok(None) };
    let status = response.code.unwrap_or_default();
    ensure!(status == 200, "not 200: {}", String::from_utf8_lossy(answer));
    let length =
        response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let body: usize = std::str::from_utf8(length.context("no content-length")?.value)?.parse()?;
    Ok(Some(head + body))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::super::bare::{Bare, answer};
    use super::*;

    async fn load(bare: Bare) -> Load {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        tokio::spawn(answer(listener, bare, "{\"a\": 1}".into()));
        Load { server, ids: [7].into() }
    }

    #[tokio::test]
    async fn every_client_is_answered_by_both_bare_servers() {
        for bare in [Bare::Hyper, Bare::Warp] {
            let served = load(bare).await.run(Duration::from_millis(100)).await.unwrap();
            assert!(served.requests >= u32::from(CLIENTS), "{bare:?}: {served:?}");
        }
    }

    #[tokio::test]
    async fn a_load_without_ids_is_an_error() {
        let load = Load { ids: [].into(), ..load(Bare::Hyper).await };
        assert!(load.run(Duration::from_millis(100)).await.is_err());
    }

    #[test]
    fn an_answer_is_as_long_as_its_head_says() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n";
        assert_eq!(length(answer).unwrap(), Some(answer.len()));
        assert_eq!(length(&answer[..30]).unwrap(), None);
        assert!(length(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(length(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}

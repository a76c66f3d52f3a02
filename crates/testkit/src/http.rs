//! A raw HTTP client, which can send what no library would.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Far longer than any answer takes: a test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A whole answer, as it came from the socket.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    head: String,
    /// Everything after the head. Its length is not checked.
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("status");
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// The body.
    ///
    /// # Panics
    /// When it is not JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("json")
    }

    /// The `code` of an answer in the product's error shape.
    ///
    /// # Panics
    /// When it has another shape.
    #[must_use]
    pub fn error_code(&self) -> String {
        self.json()["error"]["code"].as_str().expect("a code").to_owned()
    }
}

/// An open connection on which nothing was sent.
///
/// # Panics
/// No server listens there.
pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("connect")
}

/// Sends these bytes and reads until the server closes.
///
/// # Panics
/// When no whole answer comes in time.
pub async fn exchange(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let mut stream = connect(address).await;
    stream.write_all(request.as_ref()).await.expect("write");
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    read.expect("an answer and the end of the connection").expect("read");
    Answer::parse(&bytes)
}

/// Sends a request with another method than GET.
///
/// # Panics
/// No whole answer comes in time.
pub async fn send(address: SocketAddr, method: &str, target: &str) -> Answer {
    send_with(address, method, target, "").await
}

/// The same with `headers`, which are empty or end in a line break.
///
/// # Panics
/// No whole answer comes in time.
pub async fn send_with(address: SocketAddr, method: &str, target: &str, headers: &str) -> Answer {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"
    );
    exchange(address, &request).await
}

/// Asks for a target.
///
/// # Panics
/// When no whole answer comes in time.
pub async fn get(address: SocketAddr, target: &str) -> Answer {
    get_with(address, target, "").await
}

/// Asks with `headers`, which are empty or end in a line break.
///
/// # Panics
/// When no whole answer comes in time.
pub async fn get_with(address: SocketAddr, target: &str, headers: &str) -> Answer {
    send_with(address, "GET", target, headers).await
}

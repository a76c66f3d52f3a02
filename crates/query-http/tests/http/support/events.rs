use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{PATIENCE, connect};

/// A stream of events.
pub struct Events {
    lines: BufReader<TcpStream>,
    pub status: u16,
    pub head: String,
}

/// What arrived.
#[derive(Debug, PartialEq)]
pub enum Event {
    Named(String, Value),
    Comment,
}

impl Events {
    pub async fn open(address: SocketAddr) -> Self {
        let mut stream = connect(address).await;
        let request = "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("write");
        let mut events = Self { lines: BufReader::new(stream), status: 0, head: String::new() };
        while let Some(line) = events.line().await.filter(|line| !line.is_empty()) {
            events.head += &(line.to_lowercase() + "\n");
        }
        let code = events.head.split(' ').nth(1).expect("a status");
        events.status = code.parse().expect("a status");
        events
    }

    /// `None` at the end.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            let line = self.line().await?;
            if line == ":" {
                return Some(Event::Comment);
            }
            if let Some(name) = line.strip_prefix("event: ") {
                let data = self.line().await?;
                let data = data.strip_prefix("data: ").expect("data");
                return Some(Event::Named(
                    name.to_owned(),
                    serde_json::from_str(data).expect("JSON"),
                ));
            }
        }
    }

    /// The data of the next event of this name.
    pub async fn named(&mut self, name: &str) -> Value {
        loop {
            match self.next().await.expect("an event") {
                Event::Named(known, data) if known == name => return data,
                _ => {}
            }
        }
    }

    /// It also returns lengths of chunks, which look like no line that matters here.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.lines.read_line(&mut line)).await;
        (read.expect("a line in time").expect("read") > 0).then(|| line.trim_end().to_owned())
    }
}

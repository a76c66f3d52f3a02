//! Header blocks that break the client library, as they are stored in the stream.
//!
//! Any publisher can send one. The client then delivers neither this message nor those after it. A
//! bare carriage return makes its connection task panic. A block with a status looks like the
//! server's own message. Every other bad block looks like a broken connection. The rules are those
//! of async-nats 0.51, `connection.rs` (`try_read_op`) and `header.rs`. A test compares them with
//! the client.

use std::str::Lines;

/// Why the client can never deliver a message; `None` if it can.
pub(crate) fn problem(subject: &str, block: &[u8]) -> Option<&'static str> {
    if block.is_empty() {
        return None;
    }
    if subject.split_whitespace().count() != 1 {
        return Some("its subject has white space");
    }
    let Ok(block) = str::from_utf8(block) else { return Some("its headers are not utf-8") };
    let mut lines = block.lines();
    match lines.next().unwrap_or_default().strip_prefix(VERSION).map(str::trim) {
        Some("") => fields(lines),
        Some(_) => Some("its version line claims to be a status of the server"),
        None => Some("its headers do not begin with a version line"),
    }
}

const VERSION: &str = "NATS/1.0";

fn fields(lines: Lines<'_>) -> Option<&'static str> {
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Some("a header has no colon");
        };
        if !name.chars().all(|c| c.is_ascii_graphic()) {
            return Some("the name of a header is not printable ascii");
        }
        let mut value = value.trim_start().to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with(char::is_whitespace)) {
            value.push_str(more);
        }
        if value.trim_end().contains('\r') {
            return Some("the value of a header has a bare carriage return");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use futures_util::StreamExt;
    use l0_testkit::{NatsServer, eventually, require_services};

    use super::*;

    const BLOCKS: &[&str] = &[
        "NATS/1.0\r\n\r\n",
        "NATS/1.0\r\nA: b\r\n\r\n",
        "NATS/1.0\r\nA:\r\nA:b\r\n: c\r\n\r\n",
        "NATS/1.0  \r\n\r\nA: b",
        "NATS/1.0\nA: b\nc: d\n\n",
        "NATS/1.0\r\nA: b\r\n folded: c\r\n\tmore\r\n\r\n",
        "NATS/1.0\r\nA: \rb\r\r\n\r\n",
        "NATS/1.0\r\nA: ы \u{0} \u{85}\r\n\r\n",
        "NATS/1.0",
        "",
        // Header blocks that the client never delivers.
        "NATS/1.0\r\nA: b\rc\r\n\r\n",
        "NATS/1.0\r\nA: b\r\n \rc\rd\r\n\r\n",
        "NATS/1.0\rA: b\r\n\r\n",
        "NATS/1.0\r\nA\r\n\r\n",
        "NATS/1.0\r\nA: b\nc\r\n\r\n",
        "NATS/1.0\r\nA : b\r\n\r\n",
        "NATS/1.0\r\nA\r: b\r\n\r\n",
        "NATS/1.0\r\nы: b\r\n\r\n",
        "NATS/1.0\r\n A: b\r\n\r\n",
        "NATS/1.0\r\nA: b\r\n\r\n c: d\r\n\r\n",
        "NATS/1.0 404\r\n\r\n",
        "NATS/1.0404 x",
        "NATS/1.0 \u{a0}200",
        "NATS/1.0 many\r\n\r\n",
        "NATS/1.0 99\r\n\r\n",
        "NATS/2.0\r\nA: b\r\n\r\n",
        "nats/1.0\r\nA: b\r\n\r\n",
        "\r\n\r\n",
        "garbage",
    ];

    /// Characters that the server accepts, but that some parser takes for white space, a control
    /// character or invalid text.
    const TOKENS: &[&[u8]] = &[
        b"plain",
        "a\u{a0}b".as_bytes(),
        "a\u{85}b".as_bytes(),
        "\u{2028}".as_bytes(),
        "a\u{3000}".as_bytes(),
        "\u{1680}b".as_bytes(),
        "a\u{feff}\u{200b}\u{180e}b".as_bytes(),
        "a\u{202e}b\u{fffd}".as_bytes(),
        b"a\x0bb",
        b"a\x0cb",
        b"a\x1bb",
        b"a\x1c\x1d\x1e\x1fb",
        b"a\x7fb",
        b"a\x00b",
        b"a\xffb",
        b"\xc2",
        b"\xed\xa0\x80",
    ];

    #[tokio::test]
    async fn a_block_has_a_problem_exactly_when_the_client_cannot_deliver_it() {
        require_services!();
        let server = NatsServer::start().await;
        let invalid: &[u8] = b"NATS/1.0\r\nA: \xff\r\n\r\n";
        let blocks = BLOCKS.iter().map(|block| block.as_bytes()).chain([invalid]);
        for (number, block) in blocks.enumerate() {
            for subject in [format!("plain.x.{number}"), format!("a\u{a0}b.x.{number}")] {
                agrees(&server, subject.as_bytes(), block).await;
            }
        }
    }

    /// Messages with headers and without come in different lines of the server, and the client
    /// parses them by different rules.
    #[tokio::test]
    async fn a_subject_has_a_problem_exactly_when_the_client_cannot_deliver_it() {
        require_services!();
        let server = NatsServer::start().await;
        for (number, token) in TOKENS.iter().enumerate() {
            let subject = [token, format!(".x.{number}").as_bytes()].concat();
            for block in ["", "NATS/1.0\r\n\r\n", "NATS/1.0\r\nA: b\r\n\r\n"] {
                agrees(&server, &subject, block.as_bytes()).await;
            }
        }
    }

    async fn agrees(server: &NatsServer, subject: &[u8], block: &[u8]) {
        let delivered = is_delivered(server, subject, block).await;
        let problem = match str::from_utf8(subject) {
            Ok(subject) => problem(subject, block),
            Err(_) => Some("its subject is not utf-8"),
        };
        let (subject, block) = (subject.escape_ascii(), block.escape_ascii());
        assert_eq!(delivered, problem.is_none(), "{subject} {block} {problem:?}");
    }

    /// Publishes the message in the form in which the server delivers messages of a stream, not as
    /// a status.
    async fn is_delivered(server: &NatsServer, subject: &[u8], block: &[u8]) -> bool {
        let client = async_nats::connect(server.url()).await.expect("client");
        let mut received = client.subscribe("*.x.>").await.expect("subscribed");
        // A round trip: the server reads the subscription before it answers that the request has no
        // responders.
        client.request("absent", "".into()).await.expect_err("no responders");
        server.publish_raw(subject, block, b"{}").await;
        let connects = client.statistics();
        let outcome = async || {
            let reconnected = connects.connects.load(Ordering::Relaxed) > 1;
            let next = tokio::time::timeout(Duration::from_millis(1), received.next()).await;
            match next {
                Ok(Some(message)) => Some(message.status.is_none()),
                Ok(None) => Some(false),
                Err(_) => reconnected.then_some(false),
            }
        };
        eventually(
            Duration::from_secs(10),
            &format!("the client has read {} {}", subject.escape_ascii(), block.escape_ascii()),
            outcome,
        )
        .await
    }
}

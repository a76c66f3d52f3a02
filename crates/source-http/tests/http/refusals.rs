//! Requests that are refused before they become documents.

use std::time::Duration;

use l0_testkit::http::{connect, exchange};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{JSON, Lab, PATIENCE, post_with};

async fn first_line(stream: &mut TcpStream) -> String {
    let mut line = String::new();
    let mut reader = BufReader::new(stream);
    let read = timeout(PATIENCE, reader.read_line(&mut line)).await;
    read.expect("an answer").expect("read");
    line
}

#[tokio::test]
async fn a_body_announced_as_too_large_is_413_without_being_read() {
    let lab = Lab::deciding("").await;
    let mut stream = connect(lab.address).await;
    let head = "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                Content-Length: 10737418240\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("written");
    assert_eq!(first_line(&mut stream).await, "HTTP/1.1 413 Payload Too Large\r\n");
    let mut rest = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    end.expect("the connection is not waited on for ever").expect("read");
}

#[tokio::test]
async fn a_body_that_turns_out_too_large_is_413_and_one_at_the_limit_is_taken() {
    let lab = Lab::deciding("max_body_bytes = 100000").await;
    for (length, status) in [(100_000, 201), (100_001, 413)] {
        assert_eq!(lab.post(JSON, &"x".repeat(length)).await.status, status);

        let (half, rest) = (length / 2, length - length / 2);
        let chunked = format!(
            "POST /documents HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
             {half:x}\r\n{}\r\n{rest:x}\r\n{}\r\n0\r\n\r\n",
            "x".repeat(half),
            "x".repeat(rest),
        );
        assert_eq!(exchange(lab.address, &chunked).await.status, status, "{length} chunked");
    }
}

/// Otherwise it would see its connection reset, without a reason.
#[tokio::test]
async fn a_client_that_sends_everything_before_it_reads_sees_why_it_was_refused() {
    let lab = Lab::deciding("max_body_bytes = 5000000").await;
    for _ in 0..10 {
        let answer = lab.post("text/plain", &"x".repeat(4_000_000)).await;
        assert_eq!(answer.status, 415);
    }
}

#[tokio::test]
async fn a_body_that_is_too_slow_is_408() {
    let lab = Lab::deciding("body_timeout_secs = 1").await;
    let mut stream = connect(lab.address).await;
    let head = "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("written");
    assert_eq!(first_line(&mut stream).await, "HTTP/1.1 408 Request Timeout\r\n");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_document() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let head = "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n";
    let malformed = format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\nzz\r\n");
    assert_eq!(exchange(lab.address, &malformed).await.status, 400);

    let mut stream = connect(lab.address).await;
    let broken = format!("{head}Content-Length: 100\r\n\r\n{{}}");
    stream.write_all(broken.as_bytes()).await.expect("written");
    drop(stream);

    let whole = lab.posting(JSON, "\"whole\"");
    let batch = receiving.await.expect("no panic");
    assert_eq!(crate::support::payloads(&batch), ["\"whole\""]);
    drop((batch, whole));
}

#[tokio::test]
async fn a_client_that_asks_whether_to_send_is_told_so() {
    let lab = Lab::deciding("max_body_bytes = 100").await;
    let head = "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                Expect: 100-continue\r\nConnection: close\r\n";
    let mut stream = connect(lab.address).await;
    stream.write_all(format!("{head}Content-Length: 2\r\n\r\n").as_bytes()).await.expect("written");
    assert_eq!(first_line(&mut stream).await, "HTTP/1.1 100 Continue\r\n");
    stream.write_all(b"{}").await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");

    let mut stream = connect(lab.address).await;
    stream
        .write_all(format!("{head}Content-Length: 101\r\n\r\n").as_bytes())
        .await
        .expect("written");
    assert_eq!(first_line(&mut stream).await, "HTTP/1.1 413 Payload Too Large\r\n");
}

#[tokio::test]
async fn headers_have_a_limit() {
    let lab = Lab::deciding("").await;
    let large = format!("Content-Type: application/json\r\nX-Large: {}\r\n", "x".repeat(20_000));
    assert_eq!(post_with(lab.address, &large, "{}").await.status, 431);
}

#[tokio::test]
async fn a_connection_serves_one_document_after_the_other() {
    let lab = Lab::deciding("").await;
    let mut stream = BufReader::new(connect(lab.address).await);
    for body in ["{}", "\"duplicate\"", "{}"] {
        let request = format!(
            "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut line = String::new();
        while line.trim_end() != "{\"id\":8}" && line.trim_end() != "{\"id\":7}" {
            line.clear();
            let read = timeout(Duration::from_secs(5), stream.read_line(&mut line)).await;
            assert!(read.expect("an answer").expect("read") > 0, "the connection ended");
        }
    }
}

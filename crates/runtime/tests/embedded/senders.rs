//! Bodies as senders that cannot be changed send them.

use std::io::Write as _;
use std::net::SocketAddr;

use flate2::Compression;
use flate2::write::GzEncoder;
use l0_testkit::http::{Answer, exchange};
use serde_json::Value;

use crate::lab::Lab;
use crate::stack::root;

fn order(number: usize) -> String {
    let sample = std::fs::read_to_string(root().join("schemas/order.sample.json")).unwrap();
    let mut order: Value = serde_json::from_str(&sample).unwrap();
    l0_testkit::set(&mut order, "/track_number", format!("T{number}"));
    order.to_string()
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn post(address: SocketAddr, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head = format!("POST /documents HTTP/1.0\r\n{headers}Content-Length: {length}\r\n\r\n");
    exchange(address, [head.as_bytes(), body].concat()).await
}

#[tokio::test]
async fn a_packed_array_is_stored_element_by_element_and_each_letter_tells_its_cause() {
    let lab = Lab::new();
    let runtime = lab.start(&lab.command()).await;
    let body = format!("[{},\n{{\"a\":NaN}},[1],\n{},{}]", order(1), order(2), order(1));
    let headers = "Content-Type: application/cloudevents+json\r\nContent-Encoding: gzip\r\n";
    let answer = post(lab.ingest(), headers, &packed(&body)).await;
    assert_eq!(answer.status, 200);
    let text = String::from_utf8(answer.body).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses: Vec<_> = lines.iter().map(|line| line["status"].as_u64().unwrap()).collect();
    // Two equal documents of one batch: which one is first is not defined.
    assert_eq!(statuses[1..4], [422, 422, 201], "{text}");
    assert_eq!(lines[0]["id"], lines[4]["id"], "{text}");
    let message = |at: usize| lines[at]["error"]["message"].as_str().unwrap();
    assert!(message(1).starts_with("`NaN` at line 1 column 6; "), "{text}");
    assert_eq!(message(2), "an array, not an object; publish its elements one by one");

    let utf16: Vec<u8> = order(3).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let answer = post(lab.ingest(), "Content-Type: application/json\r\n", &utf16).await;
    assert_eq!((answer.status, answer.error_code()), (422, "invalid_json".to_owned()));
    assert_eq!(answer.json()["error"]["message"], "UTF-16; send UTF-8");
    drop(runtime);
}

//! Another program holds the database while clients go on posting.

use std::net::SocketAddr;

use l0_testkit::{eventually, http};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::lab::{Lab, end};
use crate::stack::SOON;
use crate::store;

/// Sixteen of these bodies fill the 64 MiB that `[source.http]` keeps by default.
const BODY: usize = 4 << 20;
const DOCUMENT: usize = 10_000;

/// What the clients offer together: ten times what is kept.
const CLIENTS: usize = 160;

/// The kept bodies, the documents cut from them, and the process itself. Without a limit it would
/// be the 640 MiB that are offered.
const MEMORY: usize = 256 << 20;

/// All these clients have the same address.
const NO_LIMIT_PER_ADDRESS: [&str; 4] = [
    "--set",
    "source.http.max_connections_per_address=0",
    "--set",
    "source.http.max_pending_bytes_per_address=0",
];

#[tokio::test]
async fn a_stalled_database_holds_memory_and_answers_429_and_heals() {
    let lab = Lab::new();
    let demo = lab.start(&lab.with_data().args(NO_LIMIT_PER_ADDRESS)).await;
    let other = store::open(&lab.data());
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();

    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(offer(lab.ingest(), number));
    }
    // A refused client is answered at once, an accepted one waits for the commit.
    let (mut refused, mut taken) = (0, 0);
    while refused + 16 < CLIENTS {
        match clients.join_next().await.unwrap().unwrap() {
            None => refused += 1,
            Some(answers) => panic!("answered without a commit: {answers:?}"),
        }
    }
    eventually(SOON, "a reason", async || {
        let answer = http::get(lab.page(), "/readyz").await;
        (answer.status == 503 && answer.json().to_string().contains("contended")).then_some(())
    })
    .await;
    let peak = lab.memory("VmHWM");
    println!("{refused} refused, at most {} MiB", peak >> 20);
    assert!(peak < MEMORY, "{} MiB", peak >> 20);

    other.execute_batch("COMMIT").unwrap();
    while let Some(answers) = clients.join_next().await {
        let Some(answers) = answers.unwrap() else { continue };
        assert_eq!(answers, vec![201; BODY / DOCUMENT]);
        taken += answers.len();
    }
    assert!(taken > 0, "nothing was taken");
    let mut client = Client::connect(lab.ingest()).await.unwrap();
    let order = r#"{"order_uid":"u","track_number":"after"}"#;
    assert_eq!(client.post(order.into()).await.unwrap().status, 201);
    eventually(SOON, "ready", async || {
        (http::get(lab.page(), "/readyz").await.status == 200).then_some(())
    })
    .await;
    end(&demo).await;
    assert_eq!(store::count(&other, "orders"), taken + 1);
}

/// Asks to send a body. `None` if it was refused with 429, perhaps in its middle, otherwise the
/// statuses of its lines.
async fn offer(at: SocketAddr, client: usize) -> Option<Vec<u64>> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let length = DOCUMENT * (BODY / DOCUMENT);
    let head = format!(
        "POST /documents HTTP/1.1\r\nHost: test\r\nConnection: close\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    match &answer[9..] {
        b"429" => return None,
        // A body that is refused in its middle is not read to its end.
        b"100" => drop(stream.write_all(&body(client)).await),
        other => panic!("{}", String::from_utf8_lossy(other)),
    }
    let mut rest = Vec::new();
    if stream.read_to_end(&mut rest).await.is_err() {
        return None;
    }
    let rest = String::from_utf8(rest).unwrap();
    if rest.contains("HTTP/1.1 429 ") {
        return None;
    }
    let lines = rest.split("{\"status\":").skip(1);
    Some(lines.map(|line| line[..3].parse().unwrap()).collect())
}

fn body(client: usize) -> Vec<u8> {
    let document = |number: usize| {
        let start = format!(r#"{{"order_uid":"u","track_number":"{client} {number}","entry":""#);
        let padding = "x".repeat(DOCUMENT - start.len() - 3);
        format!("{start}{padding}\"}}\n")
    };
    (0..BODY / DOCUMENT).map(document).collect::<String>().into_bytes()
}

//! Many clients ask at once for documents that are not in the cache.

use std::net::SocketAddr;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use tokio::io::AsyncWriteExt;

use crate::support::attack::{intrude, strike, withstand};
use crate::support::{Server, Shelf, get};

const CLIENTS: usize = 500;
/// Ids that may wait to be read.
const WAITING: usize = 256;
const UNLIMITED: &str = "max_connections_per_address = 0";

fn ask(id: usize) -> String {
    format!("GET /get-json?id={id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

async fn ask_for_all(address: SocketAddr, ids: impl Iterator<Item = usize>) -> Vec<Option<u16>> {
    join_all(ids.map(async |id| strike(address, ask(id).as_bytes()).await)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_client_reads_cold_documents_beside_five_hundred_who_do() {
    let server = Server::start("cache_size = 0", &Shelf::new()).await;
    let attack = ask_for_all(server.address, 100..100 + CLIENTS);
    let statuses = withstand(&server, &["/get-json?id=1", "/get-json?id=2"], attack).await;
    assert!(statuses.iter().flatten().all(|status| *status == 200), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_cold_ids_are_few_reads_and_what_cannot_wait_is_told_to_come_again() {
    let (shelf, gate, _) = Shelf::gated();
    let limits = "max_connections_per_address = 0\ncache_size = 1000";
    let server = Server::start(limits, &shelf).await;
    gate.add_permits(1);
    get(server.address, "/get-json?id=1").await;

    let address = server.address;
    let attack = async move {
        let mut asking: FuturesUnordered<_> = (100..100 + CLIENTS)
            .map(async |id| strike(address, ask(id).as_bytes()).await.expect("an answer"))
            .collect();
        for _ in WAITING..CLIENTS {
            assert_eq!(asking.next().await, Some(503), "nothing is read yet");
        }
        gate.add_permits(CLIENTS);
        asking.collect::<Vec<_>>().await
    };
    let statuses = withstand(&server, &["/get-json?id=1", "/livez"], attack).await;
    assert_eq!(statuses, [200; WAITING]);
    assert_eq!(shelf.ids_read(), 1 + WAITING, "each id once");
    assert!(shelf.loads() <= 7, "{} reads", shelf.loads());
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_who_ask_for_one_cold_document_cause_one_read() {
    let (shelf, gate, started) = Shelf::gated();
    let server = Server::start(UNLIMITED, &shelf).await;
    let address = server.address;
    let attack = async move {
        let asking = tokio::spawn(ask_for_all(address, [100; CLIENTS].into_iter()));
        started.acquire().await.expect("a read begins").forget();
        gate.add_permits(CLIENTS);
        asking.await.expect("answers")
    };
    let statuses = withstand(&server, &["/livez", "/"], attack).await;
    assert_eq!(statuses, [Some(200); CLIENTS]);
    assert_eq!(shelf.loads(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_in_the_middle_takes_nothing_from_the_others() {
    let (shelf, gate, started) = Shelf::gated();
    let server = Server::start(UNLIMITED, &shelf).await;
    let address = server.address;
    let leaving = async move {
        let (whole, half) = (ask(100), "GET /get-json?id=100 HT");
        let visits = (0..CLIENTS).map(async |number| {
            let request = if number % 2 == 0 { &whole } else { half };
            let mut stream = intrude(address).await.expect("connect");
            stream.write_all(request.as_bytes()).await.expect("write");
            stream
        });
        let visitors = join_all(visits).await;
        started.acquire().await.expect("a read begins").forget();
        drop(visitors);
    };
    withstand(&server, &["/livez", "/"], leaving).await;
    gate.add_permits(1);
    let answer = get(address, "/get-json?id=100").await;
    assert_eq!((answer.status, &*answer.body), (200, shelf.text(100)));
    assert_eq!(shelf.loads(), 1, "what was read for those who left is not read again");
}

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Server, Shelf, connect, get};

async fn cache_status(server: &Server, id: i64) -> String {
    let answer = get(server.address, &format!("/get-json?id={id}")).await;
    answer.header("x-cache-status").expect("cache status").to_owned()
}

#[tokio::test]
async fn the_document_unused_the_longest_leaves_a_cache_of_two() {
    let server = Server::start("cache_size = 2", &Shelf::new()).await;
    for id in [1, 2, 1, 3] {
        cache_status(&server, id).await;
    }
    assert_eq!(cache_status(&server, 1).await, "Hit");
    assert_eq!(cache_status(&server, 2).await, "Miss");
}

#[tokio::test]
async fn a_cache_size_of_zero_makes_every_answer_a_miss() {
    let server = Server::start("cache_size = 0", &Shelf::new()).await;
    assert_eq!(cache_status(&server, 1).await, "Miss");
    assert_eq!(cache_status(&server, 1).await, "Miss");
}

#[tokio::test]
async fn a_client_gone_in_the_middle_of_a_load_does_not_break_the_others() {
    let (shelf, gate, started) = Shelf::gated();
    let server = Server::start("", &shelf).await;
    let mut leaving = connect(server.address).await;
    leaving
        .write_all(b"GET /get-json?id=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .expect("write");
    started.acquire().await.expect("the load begins").forget();
    leaving.shutdown().await.expect("leave");
    // The server has noticed it once it closes its side too.
    assert_eq!(leaving.read(&mut [0]).await.expect("close"), 0);

    let staying = tokio::spawn(get(server.address, "/get-json?id=1"));
    gate.add_permits(1);
    let answer = staying.await.expect("answer");
    assert_eq!((answer.status, &*answer.body), (200, shelf.text(1)));
    assert_eq!(shelf.loads(), 1);
}

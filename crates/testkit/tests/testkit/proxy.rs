//! The proxy in front of an echo.

use std::time::Duration;

use l0_testkit::{Link, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);
const A_WHILE: Duration = Duration::from_millis(200);

async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.into_split();
                tokio::io::copy(&mut read, &mut write).await
            });
        }
    });
    port
}

async fn client(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap()
}

/// What comes back within `patience`. `None` if nothing does, empty if the connection was closed.
async fn answer(stream: &mut TcpStream, patience: Duration) -> Option<Vec<u8>> {
    let mut buffer = [0; 64];
    match timeout(patience, stream.read(&mut buffer)).await {
        Ok(length) => Some(buffer[..length.unwrap_or(0)].to_vec()),
        Err(_) => None,
    }
}

#[tokio::test]
async fn it_passes_until_it_is_cut_and_passes_new_connections_again() {
    let proxy = Proxy::start(echo().await).await;
    let mut open = client(&proxy).await;
    open.write_all(b"one").await.unwrap();
    assert_eq!(answer(&mut open, SOON).await.unwrap(), b"one");

    proxy.set(Link::Cut);
    assert_eq!(answer(&mut open, SOON).await.unwrap(), b"");
    assert_eq!(answer(&mut client(&proxy).await, SOON).await.unwrap(), b"");

    proxy.set(Link::Pass);
    let mut fresh = client(&proxy).await;
    fresh.write_all(b"two").await.unwrap();
    assert_eq!(answer(&mut fresh, SOON).await.unwrap(), b"two");
}

#[tokio::test]
async fn a_black_hole_answers_nobody_and_loses_nothing() {
    let proxy = Proxy::start(echo().await).await;
    let mut open = client(&proxy).await;
    open.write_all(b"one").await.unwrap();
    assert_eq!(answer(&mut open, SOON).await.unwrap(), b"one");

    proxy.set(Link::BlackHole);
    let mut late = client(&proxy).await;
    late.write_all(b"late").await.unwrap();
    open.write_all(b"two").await.unwrap();
    assert_eq!(answer(&mut open, A_WHILE).await, None);
    assert_eq!(answer(&mut late, A_WHILE).await, None);

    proxy.set(Link::Pass);
    assert_eq!(answer(&mut open, SOON).await.unwrap(), b"two");
    assert_eq!(answer(&mut late, SOON).await.unwrap(), b"late");
}

#[tokio::test]
async fn it_cuts_in_the_middle_of_an_answer() {
    let proxy = Proxy::start(echo().await).await;
    proxy.set(Link::CutAfter(3));
    let mut open = client(&proxy).await;
    open.write_all(b"answer").await.unwrap();
    let mut all = Vec::new();
    let _ = timeout(SOON, open.read_to_end(&mut all)).await.unwrap();
    assert_eq!(all, b"ans");
}

#[tokio::test]
async fn it_delays() {
    let proxy = Proxy::start(echo().await).await;
    proxy.set(Link::Delay(A_WHILE));
    let mut open = client(&proxy).await;
    let begun = tokio::time::Instant::now();
    open.write_all(b"one").await.unwrap();
    assert_eq!(answer(&mut open, SOON).await.unwrap(), b"one");
    assert!(begun.elapsed() >= A_WHILE * 2, "once each way");
}

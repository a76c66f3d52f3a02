//! A client that is dead or gets no answers is replaced. A worker that does not use it at that
//! moment does not notice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use l0_stage::{Plugin, Stop};
use l0_testkit::{NatsServer, Port, require_services};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{
    SOON, SUBJECT, admin, config, connect, context, is_settled, publish, receive, receive_at_last,
    settle, stream_info,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_and_publishers_outlive_the_client_they_came_from() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let publisher = source.publisher().expect("publisher");
    publish(&*source, 3).await;
    let held = receive(&*source, 3).await;
    // It makes the task of the client panic.
    server.publish_raw(SUBJECT.as_bytes(), b"NATS/1.0\r\nA: b\rc\r\n\r\n", b"{}").await;
    source.receive(1, &Stop::new()).await.err().expect("the client dies");

    let published = async || publisher.publish("{}".into()).await.ok();
    l0_testkit::eventually(Duration::from_secs(5), "published", published).await;
    settle(held).await;
    settle(receive_at_last(&*source).await).await;
    source.close().await.expect("closed");
    // All messages except the bad one.
    assert_eq!(stream_info(&admin(&server).await).await.state.messages, 1);
}

/// The library itself would notice it only after half a minute of unanswered pings.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_on_which_nothing_comes_back_is_replaced_after_two_probes() {
    require_services!();
    let server = NatsServer::start().await;
    let (port, silence) = (Port::free(), watch::Sender::new(false));
    let relaying = tokio::spawn(relay(port.number(), server.port(), silence.subscribe()));
    connect(&server, "").await;
    let config = config(&format!("nats://127.0.0.1:{}", port.number()), "probe_secs = 1");
    let source = config.connect(&context()).await.expect("connected");

    silence.send_replace(true);
    let start = Instant::now();
    let admin = admin(&server).await;
    admin.publish(SUBJECT, "{}".into()).await.expect("published").await.expect("held");
    settle(receive_at_last(&*source).await).await;
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    is_settled(&admin).await;
    relaying.abort();
}

/// Connections that are open when the silence begins stay open, but nothing passes through them any
/// more.
async fn relay(port: u16, server: u16, silence: watch::Receiver<bool>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("listener");
    let kept = Arc::new(tokio::sync::Mutex::new(Vec::new()));
    loop {
        let (mut client, _) = listener.accept().await.expect("accepted");
        let mut silence = silence.clone();
        silence.mark_unchanged();
        let kept = Arc::clone(&kept);
        tokio::spawn(async move {
            let mut server = TcpStream::connect(("127.0.0.1", server)).await.expect("server");
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                _ = silence.changed() => kept.lock().await.push((client, server)),
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_now_takes_larger_messages_still_gets_a_new_client() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "max_batch_bytes = 2097152").await;
    server.stop().await;
    server.set_config("max_payload: 2MB");
    server.restart().await;
    let published = async || source.publisher()?.publish("{}".into()).await.ok();
    l0_testkit::eventually(SOON, "published", published).await;
    settle(receive_at_last(&*source).await).await;
    // It makes the task of the client panic.
    server.publish_raw(SUBJECT.as_bytes(), b"NATS/1.0\r\nA: b\rc\r\n\r\n", b"{}").await;
    source.receive(1, &Stop::new()).await.err().expect("the client dies");

    l0_testkit::eventually(SOON, "published", published).await;
    settle(receive_at_last(&*source).await).await;
}

use l0_stage::{Plugin, Why};
use l0_testkit::{NatsServer, require_services};

use crate::support::{admin, config, connect, context, reason, stream_info};

#[tokio::test]
async fn it_returns_only_after_the_server_holds_the_message() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let publisher = source.publisher().expect("publisher");
    for held in 1..=3 {
        publisher.publish("{}".into()).await.expect("published");
        assert_eq!(stream_info(&admin(&server).await).await.state.messages, held);
    }
    server.kill().await;
    let (why, text) = reason(publisher.publish("{}".into()).await);
    assert!(matches!(why, Why::Unreachable | Why::TimedOut), "{why:?}");
    assert!(text.starts_with("cannot publish to subject `order` at 127.0.0.1:"), "{text}");
}

#[tokio::test]
async fn a_full_stream_refuses_and_drops_nothing() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "max_bytes = 10000").await;
    let publisher = source.publisher().expect("publisher");
    let payload = vec![b'x'; 4000];
    for _ in 0..2 {
        publisher.publish(payload.clone().into()).await.expect("published");
    }
    let (why, _) = reason(publisher.publish(payload.into()).await);
    assert_eq!(why, Why::Full);
    assert_eq!(stream_info(&admin(&server).await).await.state.messages, 2);
}

#[tokio::test]
async fn a_subject_with_wildcards_can_be_received_but_not_published_to() {
    require_services!();
    let server = NatsServer::start().await;
    let mut config = config(&server.url(), "");
    config.subject = "order.>".into();
    let source = config.connect(&context()).await.expect("connected");
    assert!(source.publisher().is_none());
}

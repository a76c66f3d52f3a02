//! A stream in a hub, and a pipeline beside a leaf node.

use l0_stage::Why;
use l0_testkit::{NatsServer, Port, eventually, require_services};

use crate::support::{
    SOON, STREAM, admin, connect, is_settled, publish_at_last, reason, receive, settle,
    stream_info, try_connect,
};

struct Tree {
    hub: NatsServer,
    leaf: NatsServer,
    _port: Port,
}

async fn tree() -> Tree {
    let port = Port::free();
    let number = port.number();
    let hub =
        format!("jetstream {{ domain: hub }}\nleafnodes {{ listen: \"127.0.0.1:{number}\" }}");
    let hub = NatsServer::with_config(&hub).await;
    let leaf = format!(
        "jetstream {{ domain: leaf }}\nleafnodes {{ remotes [ {{ url: \"nats-leaf://127.0.0.1:{number}\" }} ] }}"
    );
    let leaf = NatsServer::with_config(&leaf).await;
    let client = async_nats::connect(leaf.url()).await.expect("connected");
    eventually(SOON, "the hub behind the leaf", async || {
        client.request("$JS.hub.API.INFO", "".into()).await.ok()
    })
    .await;
    Tree { hub, leaf, _port: port }
}

#[tokio::test]
async fn a_stream_of_the_hub_is_read_through_a_leaf_node() {
    require_services!();
    let Tree { hub, leaf, _port } = tree().await;
    drop(connect(&hub, "domain = 'hub'").await);
    let source = connect(&leaf, "domain = 'hub'").await;
    publish_at_last(&*source).await;
    settle(receive(&*source, 10).await).await;
    source.close().await.expect("closed");
    is_settled(&admin(&hub).await).await;
    assert_eq!(stream_info(&admin(&hub).await).await.state.messages, 0);
    assert!(admin(&leaf).await.get_stream(STREAM).await.is_err(), "nothing was made in the leaf");
}

/// Otherwise an empty stream in the leaf would take the messages that the hub should have.
#[tokio::test]
async fn an_absent_stream_is_not_made_in_a_domain_that_nobody_named() {
    require_services!();
    let Tree { leaf, hub: _hub, _port } = tree().await;
    let (why, text) = reason(try_connect(&leaf, "").await);
    assert_eq!(why, Why::Mismatch, "{text}");
    assert!(text.contains("domain `leaf`"), "{text}");
    connect(&leaf, "domain = 'leaf'").await;
    assert!(admin(&leaf).await.get_stream(STREAM).await.is_ok());
}

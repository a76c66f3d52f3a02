use std::sync::Arc;

use async_nats::jetstream::consumer::pull::Config as PullConfig;
use futures_util::StreamExt;
use l0_testkit::{NatsServer, eventually, require_services};

use l0_stage::time::OffsetDateTime;

use super::super::patrol::LOOK;
use super::*;
use crate::NatsConfig;
use crate::jetstream::api::Api;
use crate::jetstream::{durable, stream};
use crate::link::Link;
use crate::link::tests::{config, open};

struct Post {
    link: Arc<Link>,
    config: Arc<NatsConfig>,
    stream: Arc<str>,
    watchdog: Watchdog,
}

impl Post {
    async fn at(server: &NatsServer) -> Self {
        let (link, config) = (Arc::new(open(server).await), Arc::new(config(server)));
        let (stream, watchdog) = (config.stream.as_str().into(), Watchdog::default());
        Self { link, config, stream, watchdog }
    }

    async fn lose_a_connection(&self) {
        self.watchdog.suspect(self.link.epoch(), Duration::ZERO);
        self.link.replace().await.expect("replaced");
    }

    async fn patrol(&self) -> Result<Vec<Delivery>, Error> {
        let Self { link, config, stream, .. } = self;
        let beat = Beat { link, config, stream, stream_created: OffsetDateTime::UNIX_EPOCH };
        self.watchdog.patrol(&beat, 1).await
    }
}

/// What the server refuses now it would refuse again. Only a pull finds out what must be created
/// again.
#[tokio::test]
async fn a_patrol_that_the_server_refuses_rests() {
    require_services!();
    let server = NatsServer::start().await;
    let post = Post::at(&server).await;
    post.lose_a_connection().await;
    post.lose_a_connection().await;
    assert!(post.watchdog.is_due());
    post.patrol().await.err().expect("no such stream");
    assert!(!post.watchdog.is_due());
}

#[tokio::test]
async fn losses_that_are_far_apart_raise_no_suspicion() {
    require_services!();
    let server = NatsServer::start().await;
    let post = Post::at(&server).await;
    for _ in 0..3 {
        post.lose_a_connection().await;
        tokio::time::pause();
        tokio::time::advance(APART).await;
        tokio::time::resume();
    }
    assert!(!post.watchdog.is_due());
}

#[tokio::test]
async fn a_look_reads_so_many_messages_and_the_next_one_goes_on() {
    require_services!();
    const HELD: usize = LOOK + 10;
    let server = NatsServer::start().await;
    let post = Post::at(&server).await;
    post.lose_a_connection().await;
    post.lose_a_connection().await;
    hold(&post, HELD).await;
    assert!(post.patrol().await.expect("looked").is_empty());
    assert_eq!(post.watchdog.suspicion().from, LOOK as u64 + 1);
    assert!(post.watchdog.is_due());
    assert!(post.patrol().await.expect("looked").is_empty());
    assert!(!post.watchdog.is_due());
}

#[tokio::test]
async fn after_one_was_found_the_next_loss_is_enough() {
    require_services!();
    let server = NatsServer::start().await;
    let post = Post::at(&server).await;
    hold(&post, 1).await;
    server.publish_raw(b"order.bad", b"garbage", b"{}").await;
    break_another_client(&server, &post).await;
    post.lose_a_connection().await;
    post.lose_a_connection().await;
    assert_eq!(post.patrol().await.expect("looked").len(), 1);
    while post.watchdog.is_due() {
        post.patrol().await.expect("looked");
    }
    post.lose_a_connection().await;
    assert!(post.watchdog.is_due());
}

/// Returns once the bad message has been delivered to that client.
async fn break_another_client(server: &NatsServer, post: &Post) {
    let other = open(server).await;
    let stream = other.connection().jetstream.get_stream(&post.config.stream).await;
    let durable = stream.expect("stream").get_consumer::<PullConfig>("d").await;
    let pull = durable.expect("durable").fetch().max_messages(1).messages().await;
    let _open = pull.expect("pulled");
    let api = Api::new(&post.link, &post.config);
    let delivered = async || {
        let durable = api.consumer().await.expect("looked").expect("durable");
        (durable.delivered.stream_sequence == 2).then_some(())
    };
    eventually(Duration::from_secs(20), "it is delivered", delivered).await;
}

/// Delivers good messages and settles none of them.
async fn hold(post: &Post, count: usize) {
    let api = Api::new(&post.link, &post.config);
    let stream = stream::ensure(&api, &post.config).await.expect("stream");
    durable::ensure(&api, &post.config, &stream, None).await.expect("durable");
    let connection = post.link.connection();
    for _ in 0..count {
        let sent = connection.jetstream.publish("order.good", "{}".into()).await;
        sent.expect("published").await.expect("held");
    }
    let stream = connection.jetstream.get_stream(&post.config.stream).await.expect("stream");
    let durable = stream.get_consumer::<PullConfig>("d").await.expect("durable");
    let held = durable.fetch().max_messages(count).messages().await.expect("fetched");
    assert_eq!(held.count().await, count);
}

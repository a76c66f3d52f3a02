use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use l0_stage::time::OffsetDateTime;
use l0_stage::{Delivery, Error, Why};
use tokio::time::Instant;

use crate::api::Api;
use crate::link::{Epoch, Link};
use crate::removal::{IsAway, RemovalReceipt};
use crate::stored::Stored;
use crate::{NatsConfig, consumer, subject};

/// Lost connections, each with a pull open on it, after which a message is suspected. One alone may
/// be the network; the next client failing as well is what a message does. After one was found a
/// single loss is enough: the same publisher goes on.
const ENOUGH: u32 = 2;

/// Losses this far apart, and two ack waits, have nothing to do with each other: after one ack wait
/// the message that broke a connection comes again.
const APART: Duration = Duration::from_secs(30);

/// Most messages that one look reads. Pulls go on between two looks, and beside them.
const LOOK: usize = 256;

/// Finds messages that break every connection they are delivered on, and hands them over as refused.
///
/// Without it such a message comes again for ever, and with it what was sent after it in its batch.
#[derive(Default)]
pub(crate) struct Watchdog {
    /// Held by the one that walks.
    walking: tokio::sync::Mutex<()>,
    suspicion: Mutex<Suspicion>,
}

#[derive(Default)]
struct Suspicion {
    broken: Option<(Epoch, Instant)>,
    times: u32,
    /// When the last such message was found.
    found: Option<Instant>,
    /// Where the patrol goes on.
    from: u64,
}

/// Where the patrol goes.
pub(crate) struct Beat<'a> {
    pub link: &'a Arc<Link>,
    pub config: &'a Arc<NatsConfig>,
    pub stream: &'a Arc<str>,
    pub stream_created: OffsetDateTime,
}

impl Watchdog {
    /// This connection was lost during a pull; all its pulls together count once.
    pub fn suspect(&self, broken: Epoch, ack_wait: Duration) {
        let mut suspicion = self.suspicion();
        let before = suspicion.broken;
        if before.is_some_and(|(before, _)| before >= broken) {
            return;
        }
        let is_near = |when: Instant| when.elapsed() < APART + 2 * ack_wait;
        if !before.is_some_and(|(_, when)| is_near(when)) {
            suspicion.rest();
        }
        suspicion.broken = Some((broken, Instant::now()));
        suspicion.times += if suspicion.found.is_some_and(is_near) { ENOUGH } else { 1 };
    }

    fn is_due(&self) -> bool {
        self.suspicion().times >= ENOUGH
    }

    /// At most `max` messages that were delivered and cannot be received, if there is a suspicion and
    /// no other worker is looking. It may be dropped at any time, and goes on where it was.
    pub async fn patrol(&self, beat: &Beat<'_>, max: usize) -> Result<Vec<Delivery>, Error> {
        let Some(_walking) = self.is_due().then(|| self.walking.try_lock().ok()).flatten() else {
            return Ok(Vec::new());
        };
        let from = self.suspicion().from;
        let walked = walk(beat, from, max).await;
        let mut suspicion = self.suspicion();
        if walked.as_ref().is_ok_and(|(found, _)| !found.is_empty()) {
            suspicion.found = Some(Instant::now());
        }
        match &walked {
            Ok((_, Some(next))) => suspicion.from = *next,
            Ok((_, None)) => suspicion.rest(),
            Err(Error::Retryable { why: Why::Unreachable | Why::TimedOut, .. }) => {}
            // Good messages must flow, even if we cannot look.
            Err(_) => suspicion.rest(),
        }
        walked.map(|(found, _)| found)
    }

    fn suspicion(&self) -> MutexGuard<'_, Suspicion> {
        self.suspicion.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Suspicion {
    fn rest(&mut self) {
        (self.times, self.from) = (0, 0);
    }
}

/// Reads [`LOOK`] messages of what was delivered and not acked, from there on, and where to go on if
/// that was not all. A worker may just have a good message in its hands: those are left alone.
async fn walk(
    beat: &Beat<'_>,
    from: u64,
    max: usize,
) -> Result<(Vec<Delivery>, Option<u64>), Error> {
    let api = Api::new(beat.link, beat.config);
    let Some(durable) = api.consumer().await? else { return Ok((Vec::new(), None)) };
    let filters = consumer::filters(&durable.config);
    let mut next = from.max(durable.ack_floor.stream_sequence + 1);
    let (mut found, mut bytes) = (Vec::new(), 0);
    let is_away = IsAway::default();
    for _ in 0..LOOK {
        if found.len() >= max || bytes >= beat.config.max_batch_bytes {
            break;
        }
        let last = durable.delivered.stream_sequence;
        let stored = match next <= last {
            true => Stored::from(&api, next).await?.filter(|stored| stored.sequence <= last),
            false => None,
        };
        let Some(stored) = stored else { return Ok((found, None)) };
        next = stored.sequence + 1;
        if !filters.iter().any(|filter| subject::covers(filter, &stored.subject)) {
            continue;
        }
        let Some(rejection) = stored.rejection(&api).await? else { continue };
        bytes += stored.headers.len() + stored.payload.len();
        let receipt = RemovalReceipt::new(beat.link, beat.config, &stored, &is_away);
        let message = stored.into_message(beat.stream, Some(beat.stream_created));
        found.push(Delivery::refused(message, Box::new(receipt), rejection));
    }
    Ok((found, Some(next)))
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::consumer::pull::Config as PullConfig;
    use futures_util::StreamExt;
    use l0_testkit::{NatsServer, eventually, require_services};

    use super::*;
    use crate::link::tests::{config, open};
    use crate::stream;

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

    /// What is refused now is refused again, and only a pull finds out what has to be made anew.
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

    /// Returns when the bad message has been delivered there.
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
        consumer::ensure(&api, &post.config, &stream, None).await.expect("durable");
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
}

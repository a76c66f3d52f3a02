use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream::stream::{self, RetentionPolicy};
use l0_stage::Source;
use l0_stage::observe::Backlog;
use l0_testkit::{NatsServer, eventually, require_services};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;

use crate::support::{
    SOON, STREAM, SUBJECT, admin, connect, is_settled, publish, receive, settle, stream_info,
};

const PROBING: &str = "probe_secs = 1\nack_wait_secs = 1";

async fn shows(source: &dyn Source, wanted: Backlog) {
    let figures = |it: Backlog| Backlog { oldest: None, looked_at: None, ..it };
    let shown = async || (source.backlog().map(figures) == Some(wanted)).then_some(());
    eventually(SOON, &format!("{wanted:?}"), shown).await;
}

#[tokio::test]
async fn it_shows_what_waits_is_in_hand_and_came_again() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, PROBING).await;
    publish(&*source, 3).await;
    drop(receive(&*source, 3).await);
    let mut held = Vec::new();
    while held.len() < 3 {
        held.extend(receive(&*source, 3).await);
    }
    publish(&*source, 2).await;
    held.extend(receive(&*source, 1).await);
    let extending = async {
        loop {
            for delivery in &held {
                delivery.receipt.extend().await;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let wanted = Backlog { waiting: 1, in_flight: 4, redelivered: 3, ..Backlog::default() };
    tokio::select! {
        () = extending => unreachable!("it never ends"),
        () = shows(&*source, wanted) => {}
    }
}

/// Messages are acked, delivered again and again, and published in between. None of this is a loss.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn normal_work_removes_nothing_unseen() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, PROBING).await;
    let publisher = source.publisher().expect("publisher");
    let publishing = tokio::spawn(async move {
        for _ in 0..3000 {
            publisher.publish("{}".into()).await.expect("published");
        }
    });
    let mut settled = 0;
    while settled < 3000 {
        let mut batch = receive(&*source, 100).await;
        drop(batch.split_off(batch.len() - batch.len() / 10));
        settled += batch.len();
        settle(batch).await;
    }
    publishing.await.expect("published");
    is_settled(&admin(&server).await).await;
    shows(&*source, Backlog::default()).await;
}

#[tokio::test]
async fn what_is_purged_before_it_was_delivered_is_counted_and_logged_once() {
    require_services!();
    let log = Log::default();
    let _log = log.capture();
    let server = NatsServer::start().await;
    let source = connect(&server, PROBING).await;
    publish(&*source, 10).await;
    settle(receive(&*source, 3).await).await;
    is_settled(&admin(&server).await).await;
    let seen = async || source.backlog().filter(|backlog| backlog.waiting == 7);
    eventually(SOON, "the backlog is seen", seen).await;

    let admin = admin(&server).await;
    let stream = admin.get_stream(STREAM).await.expect("stream");
    stream.purge().sequence(9).await.expect("purged");
    shows(&*source, Backlog { waiting: 2, removed_unseen: 5, ..Backlog::default() }).await;
    settle(receive(&*source, 9).await).await;
    stream.purge().await.expect("purged");
    is_settled(&admin).await;
    shows(&*source, Backlog { removed_unseen: 5, ..Backlog::default() }).await;
    assert_eq!(log.lines("messages left the stream before they were delivered").len(), 1);
    assert!(
        log.lines("messages left")[0].contains("messages=5"),
        "{:?}",
        log.lines("messages left")
    );
}

/// A durable remembers the stream's state at its creation, so no instance needs to have been
/// running.
#[tokio::test]
async fn what_is_purged_while_no_instance_runs_is_counted_by_the_next() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, PROBING).await;
    publish(&*source, 10).await;
    settle(receive(&*source, 4).await).await;
    source.close().await.expect("closed");
    drop(source);
    let admin = admin(&server).await;
    admin.get_stream(STREAM).await.expect("stream").purge().await.expect("purged");

    let source = connect(&server, PROBING).await;
    shows(&*source, Backlog { removed_unseen: 6, ..Backlog::default() }).await;
}

#[tokio::test]
async fn what_expires_while_no_instance_runs_is_counted_though_others_came_again() {
    require_services!();
    let mut server = NatsServer::start().await;
    let admin_before = admin(&server).await;
    let ageing = stream::Config {
        name: STREAM.into(),
        subjects: vec![SUBJECT.into()],
        retention: RetentionPolicy::WorkQueue,
        max_age: Duration::from_secs(4),
        ..Default::default()
    };
    admin_before.create_stream(ageing).await.expect("stream");
    let source = connect(&server, PROBING).await;
    publish(&*source, 4).await;
    drop(receive(&*source, 4).await);
    let again = receive(&*source, 4).await;
    assert_eq!(again[0].message.origin.attempt, 2);
    settle(again).await;
    publish(&*source, 6).await;
    source.close().await.expect("closed");
    drop(source);
    server.stop().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    server.restart().await;

    let admin = admin(&server).await;
    let is_empty = async || (stream_info(&admin).await.state.messages == 0).then_some(());
    eventually(SOON, "all have expired", is_empty).await;
    let source = connect(&server, PROBING).await;
    shows(&*source, Backlog { removed_unseen: 6, ..Backlog::default() }).await;
}

#[tokio::test]
async fn messages_of_other_subjects_are_no_loss() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let shared = stream::Config {
        name: STREAM.into(),
        subjects: vec![SUBJECT.into(), "other".into()],
        ..Default::default()
    };
    let stream = admin.create_stream(shared).await.expect("stream");
    let source = connect(&server, PROBING).await;
    for _ in 0..5 {
        admin.publish("other", "{}".into()).await.expect("published").await.expect("held");
    }
    publish(&*source, 4).await;
    shows(&*source, Backlog { waiting: 4, ..Backlog::default() }).await;
    stream.purge().filter("other").await.expect("purged");
    settle(receive(&*source, 1).await).await;
    is_settled(&admin).await;
    shows(&*source, Backlog { waiting: 3, ..Backlog::default() }).await;
    stream.purge().filter(SUBJECT).await.expect("purged");
    shows(&*source, Backlog { removed_unseen: 3, ..Backlog::default() }).await;
}

/// The log lines of this thread.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn capture(&self) -> (DefaultGuard, Dispatch) {
        let log = self.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone());
        let guard = tracing::subscriber::set_default(subscriber.finish());
        // With a single dispatcher, a line that another thread logs first is never offered to this
        // one.
        (guard, Dispatch::new(tracing_subscriber::registry()))
    }

    pub fn lines(&self, with: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().expect("log").clone()).expect("utf-8");
        text.lines().filter(|line| line.contains(with)).map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("log").write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

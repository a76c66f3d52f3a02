//! The least permissions of a user, as README.md lists them.

use std::time::{Duration, Instant};

use l0_stage::{Source, Stop, Verdict, Why};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::support::{
    SOON, SUBJECT, admin, durable_info, publish, publish_at_last, reason, receive, receive_at_last,
    settle, try_connect,
};

const README: &str = include_str!("../../README.md");

/// The subjects of the list in README.md after this line.
fn subjects(heading: &str) -> Vec<&'static str> {
    let (_, list) = README.split_once(heading).expect("the list");
    let list = list.lines().skip_while(|line| !line.starts_with('$'));
    let list = list.take_while(|line| line.starts_with('$'));
    list.map(|line| line.split_whitespace().next().expect("a subject")).collect()
}

fn user(name: &str, publish: &[&str]) -> String {
    let publish = publish.join("\", \"");
    format!(
        "{{ user: {name}, password: p, permissions: {{ \
         publish: [\"{publish}\"], subscribe: [\"_INBOX_orders.>\"] }} }}\n"
    )
}

async fn server() -> NatsServer {
    let (run, manage) = (subjects("To run:"), subjects("To create, too:"));
    assert!(run.len() > 5 && manage.len() > 3, "{run:?} {manage:?}");
    let run = [run, vec![SUBJECT]].concat();
    let all = [run.clone(), manage].concat();
    NatsServer::with_config(&format!(
        "authorization {{ users = [\n{}{}{} ] }}",
        user("run", &run),
        user("manage", &all),
        "{ user: all, password: p }\n"
    ))
    .await
}

fn as_user(name: &str, more: &str) -> String {
    format!("user = '{name}'\npassword = 'p'\ninbox_prefix = '_INBOX_orders'\n{more}")
}

async fn works(source: &dyn Source) {
    publish(source, 2).await;
    settle(receive(source, 2).await).await;
    let backlog = async || source.backlog();
    eventually(SOON, "the backlog is seen", backlog).await;
    source.close().await.expect("closed");
}

#[tokio::test]
async fn the_least_permissions_to_create_and_to_run_are_enough() {
    require_services!();
    let server = server().await;
    let source = try_connect(&server, &as_user("manage", "")).await;
    works(&*source.unwrap_or_else(|error| panic!("{error}"))).await;
    let source = try_connect(&server, &as_user("run", "manage = false")).await;
    works(&*source.unwrap_or_else(|error| panic!("{error}"))).await;
}

#[tokio::test]
async fn they_are_enough_for_a_durable_to_be_corrected() {
    require_services!();
    let server = server().await;
    drop(try_connect(&server, "user = 'all'\npassword = 'p'").await);
    let corrected = as_user("manage", "ack_wait_secs = 3");
    works(&*try_connect(&server, &corrected).await.unwrap_or_else(|error| panic!("{error}"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_enough_to_refuse_a_message_that_breaks_the_client() {
    require_services!();
    let open = "no_auth_user: all";
    let (run, manage) = (subjects("To run:"), subjects("To create, too:"));
    let all = [run, manage, vec![SUBJECT]].concat();
    let users = format!("{}{}", user("manage", &all), "{ user: all, password: p }\n");
    let text = format!("{open}\nauthorization {{ users = [\n{users}] }}");
    let server = NatsServer::with_config(&text).await;
    let source = try_connect(&server, &as_user("manage", "ack_wait_secs = 1")).await;
    let source = source.unwrap_or_else(|error| panic!("{error}"));
    server.publish_raw(SUBJECT.as_bytes(), b"NATS/1.0\r\nA: b\rc\r\n\r\n", b"{}").await;
    let refused = async || source.receive(1, &Stop::new()).await.ok().flatten();
    let refused = eventually(SOON, "it is refused", refused).await;
    assert!(refused[0].refused.is_some());
    settle(refused).await;
}

#[tokio::test]
async fn a_missing_permission_is_denied_and_named() {
    require_services!();
    let server = server().await;
    let (why, text) = reason(try_connect(&server, &as_user("run", "")).await);
    assert_eq!(why, Why::Denied, "{text}");
    assert!(text.contains("$JS.API.STREAM.CREATE.ORDERS"), "{text}");
}

/// A user with all permissions except to publish to this subject.
fn without(subject: &str) -> String {
    let (run, manage) = (subjects("To run:"), subjects("To create, too:"));
    let mut most = [run, manage, vec![SUBJECT]].concat();
    let all = most.len();
    most.retain(|it| *it != subject);
    assert!(subject.is_empty() || most.len() == all - 1, "{subject}");
    let users = format!("{}{}", user("most", &most), "{ user: all, password: p }\n");
    format!("no_auth_user: all\nauthorization {{ users = [\n{users}] }}")
}

/// Otherwise what was stored is delivered again for ever, while everything seems to be ready.
#[tokio::test]
async fn acks_that_do_not_arrive_stop_the_source_until_they_do() {
    require_services!();
    let acks = "$JS.ACK.ORDERS.order-workers.>";
    let server = NatsServer::with_config(&without(acks)).await;
    let source = try_connect(&server, &as_user("most", "")).await;
    let source = source.unwrap_or_else(|error| panic!("{error}"));
    publish(&*source, 1).await;
    let taken = receive(&*source, 1).await.remove(0);
    let settled = taken.receipt.settle(Verdict::Stored { id: 1 }).await;
    assert_eq!(reason(settled).0, Why::Denied);
    publish(&*source, 1).await;
    let (why, text) = reason(source.receive(1, &Stop::new()).await);
    assert_eq!(why, Why::Denied, "{text}");
    assert!(text.contains("$JS.ACK.ORDERS.order-workers.1.1."), "{text}");

    server.reload(&without("")).await;
    let mut last = receive_at_last(&*source).await;
    assert_eq!((last.len(), last.remove(0).message.origin.sequence), (1, 2));
    let pending = durable_info(&admin(&server).await).await.num_ack_pending;
    assert_eq!(pending, 1, "the ack was sent again");
}

/// Then nothing may be acknowledged, and nothing else would report it.
#[tokio::test]
async fn a_stream_that_may_not_be_looked_at_before_acks_is_told_by_the_next_pull() {
    require_services!();
    let server = NatsServer::with_config(&without("")).await;
    let source = try_connect(&server, &as_user("most", "")).await;
    let source = source.unwrap_or_else(|error| panic!("{error}"));
    publish(&*source, 1).await;
    let taken = receive(&*source, 1).await;
    let look = "$JS.API.STREAM.INFO.ORDERS";
    server.reload(&without(look)).await;
    let (why, text) = reason(source.before_settling().await);
    assert_eq!(why, Why::Denied, "{text}");
    let (why, text) = reason(source.receive(1, &Stop::new()).await);
    assert!(why == Why::Denied && text.contains(look), "{text}");
    server.reload(&without("")).await;
    eventually(SOON, "a look", async || source.before_settling().await.ok()).await;
    settle(taken).await;
}

/// An open pull, or the look after it, needs each of these permissions again within a second.
#[tokio::test]
async fn a_right_that_is_taken_while_it_runs_is_told_by_the_next_pull_and_named() {
    require_services!();
    let taken = [
        "$JS.API.CONSUMER.MSG.NEXT.ORDERS.order-workers",
        "$JS.API.CONSUMER.INFO.ORDERS.order-workers",
    ];
    for right in taken {
        let server = NatsServer::with_config(&without("")).await;
        let source = try_connect(&server, &as_user("most", "probe_secs = 3600")).await;
        let source = source.unwrap_or_else(|error| panic!("{error}"));
        publish(&*source, 1).await;
        settle(receive(&*source, 1).await).await;
        server.reload(&without(right)).await;
        let needs = async {
            source.before_settling().await?;
            source.receive(1, &Stop::new()).await
        };
        let (why, text) = reason(needs.await);
        assert_eq!(why, Why::Denied, "{text}");
        assert!(text.contains(&format!("\"{right}\"")), "{text}");

        server.reload(&without("")).await;
        publish_at_last(&*source).await;
        settle(receive_at_last(&*source).await).await;
    }
}

/// The server ends the client's subscription together with the permission, but does not restore it
/// with the permission.
#[tokio::test]
async fn a_right_to_hear_answers_that_is_given_back_is_used_again() {
    require_services!();
    let server = NatsServer::with_config(&without("")).await;
    let source = try_connect(&server, &as_user("most", "probe_secs = 6")).await;
    let source = source.unwrap_or_else(|error| panic!("{error}"));
    publish(&*source, 1).await;
    settle(receive(&*source, 1).await).await;
    let deaf = without("").replacen("[\"_INBOX_orders.>\"]", "[\"other\"]", 1);
    assert_ne!(deaf, without(""));
    server.reload(&deaf).await;
    let looked = async || source.before_settling().await.err();
    let error = eventually(SOON, "a denial", looked).await;
    assert_eq!(reason::<()>(Err(error)).0, Why::Denied);

    server.reload(&without("")).await;
    // Two probes of up to 5 s, 6 s apart.
    let looked = async || source.before_settling().await.ok();
    eventually(Duration::from_secs(80), "an answer", looked).await;
    publish(&*source, 1).await;
    settle(receive_at_last(&*source).await).await;
}

/// A request without an answer for another reason is not reported as denied.
#[tokio::test]
async fn an_old_denial_explains_no_later_silence() {
    require_services!();
    let look = "$JS.API.STREAM.INFO.ORDERS";
    let server = NatsServer::with_config(&without("")).await;
    let source = try_connect(&server, &as_user("most", "probe_secs = 3600")).await;
    let source = source.unwrap_or_else(|error| panic!("{error}"));
    server.reload(&without(look)).await;
    assert_eq!(reason(source.before_settling().await).0, Why::Denied);
    server.reload(&without("")).await;
    source.before_settling().await.expect("allowed again");
    server.freeze();
    let (why, text) = reason(source.publisher().expect("publisher").publish("{}".into()).await);
    server.thaw();
    assert_eq!(why, Why::TimedOut, "{text}");
}

/// Each question without an answer takes its whole time limit.
#[tokio::test]
async fn messages_that_may_not_be_read_again_are_asked_for_once_a_pull() {
    require_services!();
    let server = NatsServer::with_config(&without("$JS.API.STREAM.MSG.GET.ORDERS")).await;
    let source = try_connect(&server, &as_user("most", "")).await;
    let source = source.unwrap_or_else(|error| panic!("{error}"));
    for _ in 0..3 {
        server.publish_raw(SUBJECT.as_bytes(), b"NATS/1.0 404", b"{}").await;
    }
    publish(&*source, 1).await;

    let start = Instant::now();
    assert_eq!(receive(&*source, 4).await.len(), 1);
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}

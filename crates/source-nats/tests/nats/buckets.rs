//! Key-value and object stores: read, and left as they are.

use async_nats::jetstream::kv;
use async_nats::jetstream::stream::{self, RetentionPolicy};
use l0_source_nats::NatsConfig;
use l0_stage::doctor::Condition;
use l0_stage::{Finding, Plugin, Reason, Source, Why};
use l0_testkit::{NatsServer, require_services};

use crate::doctor::examine;
use crate::support::{admin, context, parse, reason, receive, receive_one, settle};

fn config(server: &NatsServer, stream: &str, subject: &str) -> NatsConfig {
    let url = server.url();
    parse(&format!(
        "url = '{url}'\nstream = '{stream}'\nsubject = '{subject}'\ndurable = 'trip-workers'"
    ))
}

async fn connect(server: &NatsServer) -> Box<dyn Source> {
    let source = config(server, "KV_trips", "$KV.trips.>").connect(&context()).await;
    source.unwrap_or_else(|error| panic!("{error}"))
}

/// A bucket as a client makes it.
async fn bucket(server: &NatsServer, history: i64) -> kv::Store {
    let config = kv::Config { bucket: "trips".into(), history, ..kv::Config::default() };
    admin(server).await.create_key_value(config).await.expect("bucket")
}

async fn info(server: &NatsServer, stream: &str) -> stream::Info {
    admin(server).await.get_stream(stream).await.expect("stream").cached_info().clone()
}

#[tokio::test]
async fn each_value_comes_with_its_key_in_the_subject_and_stays_in_the_bucket() {
    require_services!();
    let server = NatsServer::start().await;
    let store = bucket(&server, 5).await;
    let before = info(&server, "KV_trips").await.config;
    for (key, value) in [("eu.T-1", "{\"n\":1}"), ("T-2", "{}"), ("eu.T-1", "{\"n\":2}")] {
        store.put(key, value.into()).await.expect("put");
    }
    let source = connect(&server).await;
    let batch = receive(&*source, 3).await;
    let came: Vec<_> =
        batch.iter().map(|it| (it.message.subject.as_str(), it.message.payload.as_ref())).collect();
    let values: [(&str, &[u8]); 3] = [
        ("$KV.trips.eu.T-1", b"{\"n\":1}"),
        ("$KV.trips.T-2", b"{}"),
        ("$KV.trips.eu.T-1", b"{\"n\":2}"),
    ];
    assert_eq!(came, values);
    settle(batch).await;
    source.close().await.expect("closed");
    assert!(source.publisher().is_none(), "its values are not ours to write");

    let after = info(&server, "KV_trips").await;
    assert_eq!((after.config, after.state.messages), (before, 3));
    assert_eq!(store.get("eu.T-1").await.expect("read").expect("value"), "{\"n\":2}");
}

#[tokio::test]
async fn a_deleted_key_is_refused_in_words_that_say_so_and_the_next_value_comes() {
    require_services!();
    let server = NatsServer::start().await;
    let store = bucket(&server, 5).await;
    let source = connect(&server).await;
    store.put("T-1", "{}".into()).await.expect("put");
    store.delete("T-1").await.expect("deleted");
    for (told, payload) in [(None, "{}"), (Some("a KV delete of its key: "), "")] {
        let delivery = receive_one(&*source).await;
        assert_eq!(delivery.message.payload, payload);
        let rejection = delivery.refused.as_ref().map(|it| (it.reason, it.detail.as_str()));
        match (told, rejection) {
            (None, None) => {}
            (Some(told), Some((Reason::InvalidJson, detail))) if detail.starts_with(told) => {}
            other => panic!("{other:?}"),
        }
        settle(vec![delivery]).await;
    }
    store.purge("T-1").await.expect("purged");
    store.put("T-2", "{}".into()).await.expect("put");
    let purged = receive_one(&*source).await;
    let refused = purged.refused.as_ref().expect("refused");
    assert!(refused.detail.starts_with("a KV purge"), "{refused}");
    settle(vec![purged]).await;
    assert!(receive_one(&*source).await.refused.is_none());
}

#[tokio::test]
async fn a_message_of_a_stream_that_only_lacks_a_payload_is_no_tombstone() {
    require_services!();
    let server = NatsServer::start().await;
    bucket(&server, 1).await;
    let source = connect(&server).await;
    let admin = admin(&server).await;
    admin.publish("$KV.trips.T-1", "".into()).await.expect("published").await.expect("held");
    assert!(receive_one(&*source).await.refused.is_none(), "the engine decides about it");
}

/// What `doctor` finds wrong, with what cures it.
async fn trouble(config: &NatsConfig) -> (String, String) {
    let checks = examine(config).await.into_iter();
    let mut troubles = checks.filter_map(|check| match check.condition {
        Condition::Trouble(Finding { message, help, .. }) => {
            Some((message, help.unwrap_or_default()))
        }
        _ => None,
    });
    troubles.next().expect("trouble")
}

#[tokio::test]
async fn an_absent_bucket_is_not_made_and_the_command_that_makes_it_is_told() {
    require_services!();
    let server = NatsServer::start().await;
    let address = server.url().replace("nats://", "");
    for (stream, subject, told, cure) in [
        (
            "KV_trips",
            "$KV.trips.>",
            "there is no bucket `trips`",
            "`nats kv add trips` makes it; `run` does not",
        ),
        (
            "OBJ_files",
            "$O.files.M.>",
            "there is no bucket `files`",
            "`nats object add files` makes it; `run` does not",
        ),
        (
            "TRIPS",
            "$KV.trips.>",
            "bucket `trips` is in stream `KV_trips`",
            "write `stream = \"KV_trips\"`",
        ),
    ] {
        let config = config(&server, stream, subject);
        let told = format!("stream `{stream}` at {address} not found: {told}");
        assert_eq!(reason(config.connect(&context()).await), (Why::Mismatch, told.clone()));
        assert_eq!(trouble(&config).await, (told, cure.to_owned()));
        assert!(admin(&server).await.get_stream(stream).await.is_err(), "it was made");
    }
}

#[tokio::test]
async fn a_stream_from_which_an_ack_would_take_a_value_is_refused() {
    require_services!();
    let server = NatsServer::start().await;
    let queue = stream::Config {
        name: "KV_trips".into(),
        subjects: vec!["$KV.trips.>".into()],
        retention: RetentionPolicy::WorkQueue,
        ..stream::Config::default()
    };
    admin(&server).await.create_stream(queue).await.expect("stream");
    let config = config(&server, "KV_trips", "$KV.trips.>");
    let (why, text) = reason(config.connect(&context()).await);
    assert_eq!(why, Why::Mismatch);
    assert!(text.ends_with("so bucket `trips` would lose its values"), "{text}");
    assert_eq!(trouble(&config).await.0, text);
}

#[tokio::test]
async fn doctor_warns_of_values_that_are_replaced_before_they_come() {
    require_services!();
    let server = NatsServer::start().await;
    bucket(&server, 1).await;
    let checks = examine(&config(&server, "KV_trips", "$KV.trips.>")).await;
    let warned = checks.iter().find_map(|check| match &check.condition {
        Condition::Warning(finding) => Some(finding.message.as_str()),
        _ => None,
    });
    let told =
        "stream `KV_trips` drops the oldest values of its bucket beyond max_msgs_per_subject";
    assert_eq!(warned, Some(told));
}

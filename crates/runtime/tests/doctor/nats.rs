//! Everything that can be wrong with NATS, each at its line.

use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::{Config, DiscardPolicy, PersistenceMode, RetentionPolicy};
use l0_testkit::{NatsCluster, eventually, require_services};

use crate::lab::{CANARY, Lab, SOON};

/// The stream as `run` creates it.
pub fn stream() -> Config {
    Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["order".to_owned()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        ..Config::default()
    }
}

/// The durable as `run` creates it.
pub fn durable() -> pull::Config {
    pull::Config {
        durable_name: Some("order-workers".to_owned()),
        ack_wait: Duration::from_secs(30),
        max_ack_pending: 50_000,
        max_waiting: 512,
        filter_subject: "order".to_owned(),
        ..pull::Config::default()
    }
}

#[tokio::test]
async fn a_stream_that_drops_unseen_messages_is_a_warning_for_each_way_it_does() {
    require_services!();
    let lab = Lab::start().await;
    let jetstream = lab.jetstream().await;
    jetstream
        .create_stream(Config { max_age: Duration::from_secs(3600), ..stream() })
        .await
        .unwrap();
    let line = lab.folder.line("stream =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    found.only().assert("warning source.nats retention", line, "max_age, 3600s", "`max_age` 0");

    let limited = Config { max_messages: 10, max_bytes: 1 << 20, ..stream() };
    let limited = Config { discard: DiscardPolicy::Old, ..limited };
    jetstream.update_stream(&limited).await.unwrap();
    let retention = "warning source.nats retention";
    assert_eq!(lab.doctor().await.complaints(), [retention, retention]);
}

#[tokio::test]
async fn a_stream_that_confirms_before_it_writes_is_a_warning() {
    require_services!();
    let lab = Lab::start().await;
    let early = Config { persist_mode: Some(PersistenceMode::Async), ..stream() };
    lab.jetstream().await.create_stream(early).await.unwrap();
    let line = lab.folder.line("stream =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let (what, help) = ("confirms a message before it is written", "which cannot be edited");
    found.only().assert("warning source.nats durability", line, what, help);
}

#[tokio::test]
async fn each_field_of_a_durable_that_drifted_is_named_at_the_key_that_decides_it() {
    require_services!();
    let lab = Lab::start().await;
    let stream = lab.jetstream().await.create_stream(stream()).await.unwrap();
    let drifted = pull::Config {
        ack_wait: Duration::from_secs(60),
        max_ack_pending: 100,
        max_deliver: 3,
        max_waiting: 8,
        ..durable()
    };
    stream.create_consumer(drifted).await.unwrap();
    let found = lab.doctor().await;
    assert_eq!(found.code, 0, "{found:?}");
    let drift: Vec<_> = found.checks().iter().filter(|check| check["name"] == "drift").collect();
    let told = drift.iter().map(|check| {
        let finding = &check["finding"];
        let line = usize::try_from(finding["line"].as_u64().unwrap()).unwrap();
        (check["message"].as_str().unwrap(), line, finding["help"].as_str().unwrap())
    });
    let line = |key: &str| lab.folder.line(key);
    let corrected = "`run` corrects it; another program or an older configuration set it";
    let raised = "`run` raises it as far as account and server allow; another program or an older \
                  configuration set it";
    let lasting = "stop all instances and delete the durable: `run` creates it again";
    let told: Vec<_> = told.collect();
    let name = "durable `order-workers` has";
    assert_eq!(
        told,
        [
            (&*format!("{name} max_deliver 3, not -1"), line("durable"), corrected),
            // The file does not have the key, so the finding is at its section.
            (&*format!("{name} max_ack_pending 100, not 50000"), line("[source.nats]"), raised),
            (&*format!("{name} ack_wait 60s, not 30s"), line("ack_wait_secs"), corrected),
            (&*format!("{name} max_waiting 8, not 512"), line("durable"), lasting),
        ]
    );

    lab.folder.replace("[source.nats]", "[source.nats]\nmanage = false");
    let found = lab.doctor().await;
    let helps = found.checks().iter().filter_map(|check| check["finding"]["help"].as_str());
    assert!(helps.collect::<Vec<_>>().contains(
        &"edit the durable (`nats consumer edit`), or set `manage = true`, so that `run` corrects it"
    ));
}

#[tokio::test]
async fn what_run_may_not_make_must_be_there() {
    require_services!();
    let lab = Lab::start().await;
    lab.folder.replace("[source.nats]", "[source.nats]\nmanage = false");
    let line = lab.folder.line("stream =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble source.nats stream", line, "not found", "`manage = true`");

    lab.jetstream().await.create_stream(stream()).await.unwrap();
    let line = lab.folder.line("durable =");
    let found = lab.doctor().await.only();
    found.assert("trouble source.nats durable", line, "`order-workers`", "`manage = true`");
}

#[tokio::test]
async fn a_subject_or_a_work_queue_that_others_have_is_named() {
    require_services!();
    let lab = Lab::start().await;
    let jetstream = lab.jetstream().await;
    let others = Config { name: "OTHERS".to_owned(), ..stream() };
    jetstream.create_stream(others).await.unwrap();
    let line = lab.folder.line("stream =");
    let found = lab.doctor().await.only();
    found.assert("trouble source.nats stream", line, "`OTHERS`", "`stream = \"OTHERS\"`");

    jetstream.delete_stream("OTHERS").await.unwrap();
    let queue = jetstream.create_stream(stream()).await.unwrap();
    let other = pull::Config { durable_name: Some("other".to_owned()), ..durable() };
    queue.create_consumer(other).await.unwrap();
    let line = lab.folder.line("durable =");
    let found = lab.doctor().await.only();
    found.assert("trouble source.nats durable", line, "consumer `other`", "delete it");
}

#[tokio::test]
async fn messages_that_left_unseen_are_counted() {
    require_services!();
    let lab = Lab::start().await;
    lab.produce().await;
    lab.jetstream().await.get_stream("ORDERS").await.unwrap().purge().await.unwrap();
    let line = lab.folder.line("stream =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let lost = "5 messages left the stream";
    found.only().assert("warning source.nats unseen", line, lost, "publish them again");
}

#[tokio::test]
async fn a_server_that_is_away_exits_with_3_and_the_others_are_looked_at() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.nats.stop().await;
    lab.sql("DROP INDEX order_items_order_id").await;
    let line = lab.folder.line("url =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 3);
    let complaints = found.complaints();
    assert_eq!(complaints, ["unreachable source.nats server", "warning sink.postgres indexes"]);
    let server = &found.envelope["error"]["findings"][0];
    assert_eq!(
        (&server["line"], &server["help"]),
        (&line.into(), &"start nats-server, or correct `url`".into())
    );
}

#[tokio::test]
async fn refused_credentials_and_a_missing_permission_are_told_apart() {
    require_services!();
    let users = format!(
        "authorization {{ users = [
            {{ user: all, password: {CANARY}-nats }},
            {{ user: few, password: {CANARY}-nats, permissions: {{
                publish: {{ deny: [\"$JS.API.STREAM.MSG.GET.>\"] }} }} }} ] }}"
    );
    let mut lab = Lab::with_nats(&users).await;
    let line = lab.folder.line("url =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let help = "add `user` and `password`";
    found.only().assert("trouble source.nats server", line, "asks for credentials", help);

    lab.folder.replace("[source.nats]", "[source.nats]\nuser = \"all\"\npassword = \"${NATS_PW}\"");
    lab.folder.set("NATS_PW", format!("{CANARY}-nats"));
    lab.produce().await;
    assert_eq!(lab.doctor().await.complaints(), [""; 0]);

    lab.folder.replace("user = \"all\"", "user = \"few\"");
    let line = lab.folder.line("user = \"few\"");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let permissions = "warning source.nats permissions";
    found.only().assert(permissions, line, "Permissions Violation", "`$JS.API.STREAM.MSG.GET`");

    lab.folder.set("NATS_PW", format!("{CANARY}-wrong"));
    let found = lab.doctor().await.only();
    found.assert("trouble source.nats server", line, "refused the credentials", "correct the cred");
}

#[tokio::test]
async fn a_batch_below_the_largest_messages_is_a_trouble() {
    require_services!();
    let lab = Lab::with_nats("max_payload: 8MB").await;
    let line = lab.folder.line("[source.nats]");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let size = "warning pipeline document size";
    assert_eq!(found.complaints(), [size, "trouble source.nats batch"]);
    let batch = &found.envelope["error"]["findings"][0];
    assert_eq!(batch["line"], line);
    assert!(batch["help"].as_str().unwrap().contains("16777216"), "{batch}");
}

#[tokio::test]
async fn an_account_without_jetstream_is_a_trouble() {
    require_services!();
    let accounts = "accounts { A { users: [{ user: u, password: p }] } }\nno_auth_user: u";
    let lab = Lab::with_nats(accounts).await;
    let line = lab.folder.line("url =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let message = "not enabled";
    found.only().assert("trouble source.nats jetstream", line, message, "`--jetstream`");
}

#[tokio::test]
async fn services_that_are_frozen_are_unreachable_and_not_waited_for_for_ever() {
    require_services!();
    let lab = Lab::start().await;
    lab.nats.freeze();
    lab.postgres.freeze();
    let found = lab.doctor().await;
    lab.nats.thaw();
    lab.postgres.thaw();
    assert_eq!(found.code, 3);
    let servers = ["unreachable source.nats server", "unreachable sink.postgres server"];
    assert_eq!(found.complaints(), servers);
}

#[tokio::test]
async fn in_a_cluster_one_replica_is_a_warning_and_three_are_fine() {
    require_services!();
    let (mut lab, cluster) = tokio::join!(Lab::start(), NatsCluster::start());
    lab.folder.set("NATS_PORT", cluster.nodes[0].port().to_string());
    let line = lab.folder.line("stream =");
    lab.produce().await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let (what, help) = ("one replica in a cluster", "nats stream edit ORDERS --replicas 3");
    found.only().assert("warning source.nats durability", line, what, help);

    lab.folder.replace("stream =", "replicas = 3\nstream =");
    let (line, what) = (lab.folder.line("replicas ="), "kept by 1 of the 3 servers");
    let found = lab.doctor().await;
    found.only().assert("warning source.nats durability", line, what, help);

    let client = async_nats::connect(cluster.nodes[1].url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let mut found = jetstream.get_stream("ORDERS").await.unwrap();
    let config = Config { num_replicas: 3, ..found.info().await.unwrap().config.clone() };
    jetstream.update_stream(&config).await.unwrap();
    eventually(SOON, "three copies that are current", async || {
        let cluster = found.info().await.ok()?.cluster.clone()?;
        let current = cluster.replicas.iter().filter(|replica| replica.current).count();
        (cluster.leader.is_some() && current == 2).then_some(())
    })
    .await;
    let found = lab.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]));
    let kept = found.checks().iter().find(|check| check["name"] == "durability").unwrap();
    let kept = kept["message"].as_str().unwrap();
    assert!(kept.starts_with("kept in files, 3 replicas; no client can read"), "{kept}");
}

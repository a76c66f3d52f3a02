use std::time::Duration;

use hyper::StatusCode;
use l0_testkit::{NatsServer, Port, Shutdown, http, require_services};

use crate::stack::{SOON, Stack, root};

async fn flood(stack: &Stack, orders: usize) {
    let jetstream = stack.jetstream().await;
    for window in (0..orders).collect::<Vec<_>>().chunks(1_000) {
        let publish = window.iter().map(async |number| {
            let order = format!(r#"{{"order_uid":"u","track_number":"flood {number}"}}"#);
            jetstream.publish("order", order.into()).await.unwrap().await.unwrap();
        });
        futures_util::future::join_all(publish).await;
    }
}

/// The flags beside the file are those of the local stack and of the container.
#[tokio::test]
async fn the_shipped_server_has_a_message_on_its_disk_before_it_confirms_it() {
    require_services!();
    let shipped = std::fs::read_to_string(root().join("nats-server.conf")).unwrap();
    let monitoring = Port::free();
    let text = format!("{shipped}\nhttp: \"127.0.0.1:{}\"", monitoring.number());
    let _server = NatsServer::with_config(&text).await;
    let address = ([127, 0, 0, 1], monitoring.number()).into();
    let answer = http::get(address, "/jsz?config=1").await.json();
    assert_eq!(answer["config"]["sync_always"], true, "{answer}");
}

#[tokio::test]
async fn absent_services_are_waited_for_and_named_and_nobody_needs_to_help() {
    require_services!();
    let mut stack = Stack::start().await;
    stack.produce().await;
    stack.nats.stop().await;
    stack.postgres.stop(Shutdown::Fast).await;

    let pipeline = stack.begin().await;
    pipeline.until_unready("source:unreachable").await;
    pipeline.until_unready("sink:unreachable").await;
    assert_eq!(pipeline.get("/livez").await.status, StatusCode::OK);
    let away = pipeline.get("/get-json?id=1").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.headers.contains_key("retry-after"));

    stack.postgres.restart().await;
    stack.nats.restart().await;
    pipeline.until_ready().await;
    stack.orders(5).await;
    pipeline.drain().await;
}

#[tokio::test]
async fn a_database_that_goes_away_is_waited_for_and_nothing_is_buried() {
    require_services!();
    let mut stack = Stack::start().await;
    let pipeline = stack.run().await;
    stack.postgres.kill().await;
    stack.produce().await;
    pipeline.until_unready("sink:unreachable").await;
    stack.postgres.restart().await;
    pipeline.until_ready().await;
    stack.orders(5).await;
    stack.eventually("SELECT count(*) FROM dead_letters", 0_i64).await;
    pipeline.drain().await;
}

/// No message comes that could tell it.
#[tokio::test]
async fn an_idle_pipeline_is_ready_again_once_nats_is_back() {
    require_services!();
    let mut stack = Stack::start().await;
    let pipeline = stack.run().await;
    stack.nats.stop().await;
    pipeline.until_unready("source:unreachable").await;
    stack.nats.restart().await;
    pipeline.until_ready().await;
    let log = pipeline.drain().await.stderr;
    assert!(log.contains("the source nats works again"), "{log}");
}

#[tokio::test]
async fn a_database_that_was_not_migrated_is_explained_at_the_lines_and_waited_for() {
    require_services!();
    let stack = Stack::unmigrated().await;
    let mut admin = stack.admin().await;
    sqlx::raw_sql("CREATE ROLE worker LOGIN PASSWORD 'canary-7c1f-worker'")
        .execute(&mut admin)
        .await
        .unwrap();
    let pipeline = stack.begin().await;
    pipeline.until_unready("sink:mismatch").await;
    let line = pipeline.runtime.wait_for_log("table `orders` not found", SOON).await;
    assert!(!line.is_empty());
    pipeline.runtime.wait_for_log("--> pipeline.toml:", SOON).await;

    let (status, output) = stack.command(["migrate"]).run(SOON).await;
    assert!(status.success(), "{}", output.stderr);
    pipeline.until_ready().await;
    stack.produce().await;
    stack.orders(5).await;
    pipeline.drain().await;
}

#[tokio::test]
async fn terminating_under_load_leaves_nothing_in_hand_and_nothing_is_lost() {
    require_services!();
    let stack = Stack::start().await;
    stack.produce().await; // makes the stream
    flood(&stack, 20_000).await;
    let pipeline = stack.run().await;
    pipeline.runtime.wait_for_log("stored documents=", SOON).await;
    let log = pipeline.drain().await.stderr;
    let (in_hand, waiting) = stack.pending().await;
    assert_eq!(in_hand, 0, "{log}");
    assert!(waiting > 0, "it was idle before the signal: the test proves nothing");
    stack.orders(20_005 - i64::try_from(waiting).unwrap()).await;

    let pipeline = stack.run().await;
    stack.orders(20_005).await;
    pipeline.drain().await;
    assert_eq!(stack.pending().await, (0, 0));
}

#[tokio::test]
async fn a_second_signal_ends_at_once_and_what_was_in_hand_comes_again() {
    require_services!();
    let mut stack = Stack::start().await;
    let pipeline = stack.run().await;
    stack.postgres.kill().await;
    stack.produce().await;
    pipeline.until_unready("sink:unreachable").await;
    pipeline.runtime.int();
    pipeline.runtime.wait_for_log("draining", SOON).await;
    pipeline.runtime.term();
    let status = pipeline.runtime.wait(Duration::from_secs(10)).await;
    assert_eq!(status.code(), Some(128 + 15));

    stack.postgres.restart().await;
    let pipeline = stack.run().await;
    stack.orders(5).await;
    pipeline.drain().await;
}

#[tokio::test]
async fn two_instances_share_one_durable_and_store_everything_once() {
    require_services!();
    let stack = Stack::start().await;
    let (one, two) = tokio::join!(stack.run(), stack.run());
    flood(&stack, 5_000).await;
    stack.orders(5_000).await;
    one.drain().await;
    two.drain().await;
    stack.eventually("SELECT count(*) FROM dead_letters", 0_i64).await;
}

#[tokio::test]
async fn an_instance_opens_a_connection_per_worker_at_start_and_never_more_than_24() {
    require_services!();
    let mut stack = Stack::start().await;
    stack.set("WORKER_QUANTITY", "10").set("CACHE_SIZE", "0");
    let pipeline = stack.run().await;
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'worker'";
    stack.eventually(connections, 11_i64).await; // and one reader
    stack.produce().await;
    stack.orders(5).await;
    let paths: Vec<_> = (0..50).map(|number| format!("/get-json?id={}", number % 5 + 1)).collect();
    futures_util::future::join_all(paths.iter().map(|path| pipeline.get(path))).await;
    let within = "SELECT count(*) BETWEEN 11 AND 24 FROM pg_stat_activity WHERE usename = 'worker'";
    stack.eventually(within, true).await;
    pipeline.drain().await;
}

#[tokio::test]
async fn fail_fast_exits_3_and_a_taken_port_exits_1() {
    require_services!();
    let mut stack = Stack::start().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    stack.set("FRONTEND_PORT", port.clone());
    let (status, output) = stack.command(["run"]).run(SOON).await;
    assert_eq!(status.code(), Some(1), "{}", output.stderr);
    assert!(output.stderr.contains(&port), "{}", output.stderr);

    stack.set("FRONTEND_PORT", "0").set("NATS_PORT", "1");
    let (status, output) = stack.command(["run", "--fail-fast"]).run(SOON).await;
    assert_eq!(status.code(), Some(3), "{}", output.stderr);
    assert!(output.stderr.contains("127.0.0.1:1"), "{}", output.stderr);
}

#[tokio::test]
async fn a_log_that_is_a_summary_has_no_line_for_each_batch() {
    require_services!();
    let stack = Stack::start().await;
    let pipeline = stack.begin_with(["run", "--set", "pipeline.log_stored=summary"]).await;
    stack.produce().await;
    stack.orders(5).await;
    let log = pipeline.drain().await.stderr;
    assert!(log.contains("stored=5") && log.contains("drained"), "{log}");
    assert!(!log.contains("documents="), "{log}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_again_before_lines_of_batches_push_it_off_the_screen() {
    require_services!();
    const SCREEN: usize = 20;
    let stack = Stack::start().await;
    let refusing = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.track_number = 'refused' THEN RAISE EXCEPTION 'not today'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse()";
    sqlx::raw_sql(refusing).execute(&mut stack.admin().await).await.unwrap();
    let pipeline = stack.run().await;
    stack.publish(r#"{"order_uid":"u","track_number":"refused"}"#).await;
    pipeline
        .runtime
        .wait_for_log("degraded: function `refuse` raises an exception (P0001)", SOON)
        .await;
    for order in 1..=2 * SCREEN {
        stack.publish(format!(r#"{{"order_uid":"u","track_number":"{order}"}}"#)).await;
        stack.orders(i64::try_from(order).unwrap()).await;
    }
    let log = pipeline.drain().await.stderr;
    let between = log.split("degraded: function").map(|part| part.matches(" stored ").count());
    let between: Vec<_> = between.collect();
    assert!(between.iter().sum::<usize>() >= 2 * SCREEN, "{log}");
    assert!(between.iter().all(|lines| *lines <= SCREEN), "{between:?} {log}");
}

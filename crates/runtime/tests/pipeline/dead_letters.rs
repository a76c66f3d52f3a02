use std::path::Path;

use l0_testkit::{Output, require_services};

use crate::stack::{SOON, Stack, root};

/// A stack with three letters: not JSON, no `order_uid`, and a size that the column cannot hold.
async fn with_letters() -> Stack {
    let stack = Stack::start().await;
    let pipeline = stack.run().await;
    for payload in [
        "{oops \u{1b}[31m",
        r#"{"track_number":"no uid"}"#,
        r#"{"order_uid":"u","track_number":"odd","sm_id":"1.5"}"#,
        r#"{"order_uid":"u","track_number":"good"}"#,
    ] {
        stack.publish(payload).await;
    }
    stack.eventually("SELECT count(*) FROM dead_letters", 3_i64).await;
    stack.orders(1).await;
    pipeline.drain().await;
    stack
}

async fn dlq(stack: &Stack, arguments: impl AsRef<[&str]>) -> (Option<i32>, Output) {
    let launch = stack.command([]).args(arguments.as_ref().iter().copied());
    let (status, output) = launch.run(SOON).await;
    (status.code(), output)
}

#[tokio::test]
async fn letters_are_listed_filtered_and_shown_with_their_exact_bytes() {
    require_services!();
    let stack = with_letters().await;
    let (code, all) = dlq(&stack, ["dlq", "list"]).await;
    assert_eq!((code, all.stdout.lines().count()), (Some(0), 3), "{}", all.stderr);
    assert!(!all.stdout.contains('\u{1b}'), "stored text cannot steer a terminal");

    let counted =
        "3 of 3 letters, the oldest first: 1 invalid_json, 1 schema_violation, 1 unfit_value";
    assert!(all.stderr.contains(counted), "{}", all.stderr);
    let (_, newest) = dlq(&stack, ["dlq", "list", "--newest", "--limit", "1"]).await;
    assert_eq!(newest.stdout.lines().next(), all.stdout.lines().last());
    assert!(newest.stderr.contains("1 of 3 letters, the newest first"), "{}", newest.stderr);

    let (_, some) = dlq(&stack, ["dlq", "list", "--reason", "schema_violation"]).await;
    assert_eq!(some.stdout.lines().count(), 1, "{}", some.stdout);
    let (_, some) = dlq(&stack, ["dlq", "list", "--key", "no uid"]).await;
    assert!(some.stdout.contains("schema_violation") && some.stdout.lines().count() == 1);
    let (_, none) = dlq(&stack, ["dlq", "list", "--until", "2020-01-01T00:00:00Z"]).await;
    assert_eq!(none.stdout, "");

    // The role for letters has none of the worker's privileges.
    let mut admin = stack.admin().await;
    let away = "ALTER ROLE worker NOLOGIN; REVOKE ALL ON orders FROM worker";
    sqlx::raw_sql(away).execute(&mut admin).await.unwrap();
    let (code, again) = dlq(&stack, ["dlq", "list"]).await;
    assert_eq!((code, again.stdout), (Some(0), all.stdout.clone()), "{}", again.stderr);

    let id = all.stdout.lines().find(|line| line.contains("invalid_json")).unwrap();
    let id = id.split('\t').next().unwrap();
    let (code, shown) = dlq(&stack, ["dlq", "show", id]).await;
    assert_eq!((code, shown.stdout.as_str()), (Some(0), "{oops \u{1b}[31m"), "{}", shown.stderr);
    assert!(shown.stderr.contains("stream ORDERS"), "{}", shown.stderr);
    let (code, _) = dlq(&stack, ["dlq", "show", "99"]).await;
    assert_eq!(code, Some(1));
}

#[tokio::test]
async fn a_replay_stores_what_todays_schema_accepts_and_marks_it_after_the_commit() {
    require_services!();
    let stack = with_letters().await;
    let (code, again) = dlq(&stack, ["dlq", "replay", "--all"]).await;
    assert_eq!(code, Some(1), "{}", again.stderr);
    assert!(again.stderr.contains("0 stored, 0 duplicates, 3 refused"), "{}", again.stderr);

    let mended = tempfile::tempdir().unwrap();
    let schema = mend_schema(mended.path());
    let with = format!("validate.json_schema.schema={}", schema.display());
    let replay = ["dlq", "--set", &with, "replay", "--all", "--reason", "schema_violation"];
    let (code, dry) = dlq(&stack, [&replay[..], &["--dry-run"]].concat()).await;
    assert_eq!(code, Some(1), "{}", dry.stderr);
    assert!(dry.stderr.contains("column `orders.order_uid`"), "{}", dry.stderr);

    // The column requires what the schema no longer does: the database fills it.
    let mut admin = stack.admin().await;
    sqlx::query("ALTER TABLE orders ALTER order_uid SET DEFAULT 'unknown'")
        .execute(&mut admin)
        .await
        .unwrap();
    let (code, dry) = dlq(&stack, [&replay[..], &["--dry-run"]].concat()).await;
    assert_eq!(code, Some(0), "{}", dry.stderr);
    assert!(dry.stderr.contains("1 would be tried"), "{}", dry.stderr);
    stack.orders(1).await;
    let (code, replayed) = dlq(&stack, replay).await;
    assert_eq!(code, Some(0), "{}", replayed.stderr);
    assert!(replayed.stderr.contains("1 stored"), "{}", replayed.stderr);
    stack.orders(2).await;
    stack
        .eventually("SELECT count(*) FROM dead_letters WHERE replayed_at IS NOT NULL", 1_i64)
        .await;

    let (_, open) = dlq(&stack, ["dlq", "list"]).await;
    assert_eq!(open.stdout.lines().count(), 2, "{}", open.stdout);
    let (_, all) = dlq(&stack, ["dlq", "list", "--decided"]).await;
    assert_eq!(all.stdout.lines().count(), 3);

    // As after a crash between the commit and the mark.
    sqlx::query("UPDATE dead_letters SET replayed_at = NULL").execute(&mut admin).await.unwrap();
    let (code, replayed) = dlq(&stack, replay).await;
    assert_eq!(code, Some(0), "{}", replayed.stderr);
    assert!(replayed.stderr.contains("0 stored, 1 duplicates"), "{}", replayed.stderr);
    stack.orders(2).await;
}

/// The shipped schema without its requirement of an `order_uid`.
fn mend_schema(folder: &Path) -> std::path::PathBuf {
    let text = std::fs::read_to_string(root().join("schemas/order.schema.json")).unwrap();
    let mut schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    schema["required"] = serde_json::json!(["track_number"]);
    let file = folder.join("order.schema.json");
    std::fs::write(&file, schema.to_string()).unwrap();
    file
}

#[tokio::test]
async fn a_purge_deletes_what_is_named_and_nothing_else() {
    require_services!();
    let stack = with_letters().await;
    let (code, dry) = dlq(&stack, ["dlq", "purge", "--all", "--dry-run"]).await;
    assert!(code == Some(0) && dry.stderr.contains("3 would be purged"), "{}", dry.stderr);
    let (code, _) = dlq(&stack, ["dlq", "purge", "--reason", "invalid_json"]).await;
    assert_eq!(code, Some(2), "a filter without --all");
    let (code, purged) = dlq(&stack, ["dlq", "purge", "--all", "--reason", "invalid_json"]).await;
    assert!(code == Some(0) && purged.stderr.contains("1 purged"), "{}", purged.stderr);
    stack.eventually("SELECT count(*) FROM dead_letters", 2_i64).await;
}

/// Gives away two of three letters, one of them to the time before letters belonged to a pipeline.
const GIVE_AWAY: &str = "UPDATE dead_letters SET pipeline = CASE reason
        WHEN 'schema_violation' THEN '' WHEN 'unfit_value' THEN 'another' ELSE pipeline END";

#[tokio::test]
async fn letters_of_another_pipeline_and_from_before_are_mended_only_when_it_is_named() {
    require_services!();
    let stack = with_letters().await;
    let mut admin = stack.admin().await;
    sqlx::raw_sql(GIVE_AWAY).execute(&mut admin).await.unwrap();
    let listed = async |whose: &[&str]| {
        let (code, listed) = dlq(&stack, [&["dlq", "list"], whose].concat()).await;
        assert_eq!(code, Some(0), "{}", listed.stderr);
        listed.stdout
    };
    assert!(listed(&[]).await.contains("invalid_json") && listed(&[]).await.lines().count() == 1);
    assert_eq!(listed(&["--pipeline", "orders"]).await, listed(&[]).await);
    assert_eq!(listed(&["--pipeline", "nobody"]).await, "");
    assert!(listed(&["--pipeline", "another"]).await.contains("unfit_value"));
    let before = listed(&["--pipeline", ""]).await;
    assert!(before.contains("schema_violation") && before.lines().count() == 1, "{before}");

    let id = before.split('\t').next().unwrap();
    for verb in ["show", "replay", "purge"] {
        let (code, refused) = dlq(&stack, ["dlq", verb, id]).await;
        assert_eq!(code, Some(1), "{verb}");
        assert!(refused.stderr.contains(&format!("no dead letter has the id {id}")));
    }
    let (code, shown) = dlq(&stack, ["dlq", "show", id, "--pipeline", ""]).await;
    assert_eq!((code, shown.stdout.as_str()), (Some(0), r#"{"track_number":"no uid"}"#));

    let mended = tempfile::tempdir().unwrap();
    let with = format!("validate.json_schema.schema={}", mend_schema(mended.path()).display());
    let default = "ALTER TABLE orders ALTER order_uid SET DEFAULT 'unknown'";
    sqlx::query(default).execute(&mut admin).await.unwrap();
    let replay = ["dlq", "--set", &with, "replay", "--all", "--pipeline", ""];
    let (code, replayed) = dlq(&stack, replay).await;
    assert!(code == Some(0) && replayed.stderr.contains("1 stored"), "{}", replayed.stderr);
    let (_, purged) = dlq(&stack, ["dlq", "purge", "--all", "--pipeline", "another"]).await;
    assert!(purged.stderr.contains("1 purged"), "{}", purged.stderr);
    assert_eq!(listed(&["--decided"]).await.lines().count(), 1);
    stack.eventually("SELECT count(*) FROM dead_letters", 2_i64).await;
}

#[tokio::test]
async fn a_document_that_a_widened_column_can_hold_is_stored_without_a_restart() {
    require_services!();
    let stack = Stack::start().await;
    let mut admin = stack.admin().await;
    let mut alter = async |sql: &'static str| sqlx::raw_sql(sql).execute(&mut admin).await.unwrap();
    alter("ALTER TABLE orders ALTER COLUMN locale TYPE varchar(5)").await;
    let pipeline = stack.run().await;
    let long = |track: &str| {
        format!(r#"{{"order_uid":"u","track_number":"{track}","locale":"far too long"}}"#)
    };
    stack.publish(long("A")).await;
    stack.eventually("SELECT count(*) FROM dead_letters WHERE reason = 'unfit_value'", 1_i64).await;
    alter("ALTER TABLE orders ALTER COLUMN locale TYPE text").await;
    stack.publish(long("B")).await;
    stack.orders(1).await;
    stack.eventually("SELECT count(*) FROM dead_letters", 1_i64).await;
    pipeline.drain().await;
}

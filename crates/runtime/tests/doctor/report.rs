//! What an operator sees, stored as text.

use l0_testkit::require_services;

use crate::lab::{CANARY, Lab, root};

/// Compares with a stored text. With `L0_BLESS` set it renews the text instead.
fn assert_kept(name: &str, text: &str) {
    let file = root().join("crates/runtime/tests/doctor").join(name);
    if std::env::var_os("L0_BLESS").is_some() {
        std::fs::write(file, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert_eq!(kept, text, "{name} is another; read the difference, and renew it with L0_BLESS=1");
}

/// The text without what differs between machines: ports, versions, times, sizes.
fn settled(lab: &Lab, text: &str) -> String {
    let text = text
        .replace(&lab.folder.path().display().to_string(), "/etc/l0")
        .replace(&lab.nats.port().to_string(), "4222")
        .replace(&lab.postgres.port().to_string(), "5432");
    let words = text.split_inclusive('\n').map(|line| {
        let line = match line.find("answers in ") {
            Some(at) => format!("{}answers in 0.4 ms\n", &line[..at]),
            None => line.to_owned(),
        };
        let line = match line.split_once("caches, of ") {
            Some((before, _)) => format!("{before}caches, of 4 GiB\n"),
            None => line,
        };
        let line = after(&line, "nats-server ", "2.12.0");
        after(&line, "postgres ", "17.2")
    });
    words.collect()
}

/// Replaces a version that follows a name.
fn after(line: &str, name: &str, version: &str) -> String {
    let Some((before, rest)) = line.split_once(name) else { return line.to_owned() };
    let end = rest.find(' ').unwrap_or(0);
    match rest[..end].starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("{before}{name}{version}{}", &rest[end..]),
        false => line.to_owned(),
    }
}

#[tokio::test]
async fn a_healthy_pipeline_has_nothing_but_check_marks_before_it_runs_and_after() {
    require_services!();
    let lab = Lab::start().await;
    let (code, report, last) = lab.folder.report(&[]).await;
    assert_eq!(code, 0, "{report}");
    assert!(!report.contains(['⚠', '✗']), "{report}");
    assert!(last.contains("all fine: `run` would work here"), "{last}");
    // `doctor` created nothing.
    assert!(lab.jetstream().await.get_stream("ORDERS").await.is_err());
    assert_kept("fresh.txt", &settled(&lab, &report));

    lab.produce().await;
    let (code, report, last) = lab.folder.report(&[]).await;
    assert_eq!(code, 0, "{report}");
    assert_kept("healthy.txt", &settled(&lab, &(report + &last)));
}

#[tokio::test]
async fn a_broken_pipeline_says_what_where_and_what_to_do() {
    require_services!();
    let lab = Lab::start().await;
    lab.produce().await;
    lab.sql(
        "ALTER TABLE orders RENAME delivery_zip TO delivery_postcode;
         DROP INDEX order_items_order_id;
         DROP INDEX orders_order_uid;
         REVOKE DELETE ON dead_letters FROM ns_user;
         GRANT DELETE ON orders TO worker",
    )
    .await;
    let jetstream = lab.jetstream().await;
    let mut stream = jetstream.get_stream("ORDERS").await.unwrap();
    let mut config = stream.info().await.unwrap().config.clone();
    config.max_age = std::time::Duration::from_secs(3600);
    config.max_bytes = 1;
    jetstream.update_stream(&config).await.unwrap();
    lab.folder.replace("ack_wait_secs = 30 ", "ack_wait_secs = 5 ");
    lab.folder.replace(r#"cache_size ="#, "token_file = \"secrets/token\"\ncache_size =");
    let (code, report, last) = lab.folder.report(&[]).await;
    assert_eq!(code, 1, "{report}");
    assert_kept("broken.txt", &settled(&lab, &(report.clone() + &last)));
    assert!(!report.contains(CANARY), "{report}");

    // With `-q`, checks that are fine are left out. Colours are requested.
    let (_, brief, _) = lab.folder.report(&["-q", "--color", "always"]).await;
    assert!(!brief.contains('✓') && brief.contains("\u{1b}[31m✗\u{1b}[0m mapping"), "{brief}");
    assert_eq!(brief.matches('✗').count(), report.matches('✗').count());
}

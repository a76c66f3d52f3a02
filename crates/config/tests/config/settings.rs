use l0_stage::observe::Setting;

use crate::setup::file;

const FILE: &str = r#"[pipeline]
name = "orders"
workers = "${WORKER_QUANTITY:-10}"

[sink.postgres]
host = "${PG_HOST:-localhost}"
password = "${PG_PASSWORD_WORKER:?}"
url = "postgres://user:hunter2-hunter2@db/x"

[query.http]
search = ["order_uid", "track_number"]
"#;

#[test]
fn each_value_is_shown_with_where_it_came_from_and_a_secret_without_itself() {
    let setup = file(FILE)
        .dot_env("WORKER_QUANTITY=4\n")
        .variable("PG_PASSWORD_WORKER", "correct-horse")
        .set("query.http.listen=127.0.0.1:1");
    let settings = setup.load().unwrap().settings();
    let find = |key: &str| settings.iter().find(|it| it.key == key).unwrap();
    let value = |key: &str| find(key).value.as_deref();
    let origin = |key: &str| find(key).origin.as_str();

    assert_eq!(value("pipeline.name"), Some("orders"));
    assert!(origin("pipeline.name").ends_with("pipeline.toml:2"), "{}", origin("pipeline.name"));
    assert_eq!(value("pipeline.workers"), Some("4"));
    assert!(origin("pipeline.workers").contains(".env:1"), "{}", origin("pipeline.workers"));
    assert_eq!(value("sink.postgres.host"), Some("localhost"));
    assert!(origin("sink.postgres.host").starts_with("default in "));
    assert_eq!(value("query.http.search"), Some("order_uid, track_number"));
    assert_eq!(
        (value("query.http.listen"), origin("query.http.listen")),
        (Some("127.0.0.1:1"), "--set")
    );
    assert_eq!((value("sink.postgres.password"), value("sink.postgres.url")), (None, None));
    let all = |Setting { key, value, origin }: &Setting| format!("{key} {value:?} {origin}");
    let text: String = settings.iter().map(all).collect();
    assert!(!text.contains("correct-horse") && !text.contains("hunter2"), "{text}");
}

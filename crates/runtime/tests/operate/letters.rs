use serde_json::{Value, json};

use crate::client::Client;
use crate::lab::{Lab, binary, end};
use crate::stack::SOON;
use l0_testkit::{Runtime, http};

/// A demo that has buried three letters: not JSON, not UTF-8, no `order_uid`.
struct Buried {
    lab: Lab,
    demo: Runtime,
}

impl Buried {
    async fn new() -> Self {
        let lab = Lab::new();
        let demo = lab.start(&lab.with_data()).await;
        let mut client = Client::connect(lab.ingest()).await.unwrap();
        let bad: [&[u8]; 3] = [b"{oops", b"\xff\xfe{", br#"{"track_number":"no uid"}"#];
        for document in bad {
            let outcome = client.post(document.to_vec().into()).await.unwrap();
            assert_eq!(outcome.status, 422);
        }
        Self { lab, demo }
    }

    /// The envelope of `dlq`, which must be everything that is printed.
    async fn dlq(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        self.dlq_with(&[], arguments).await
    }

    async fn dlq_with(&self, set: &[&str], arguments: &[&str]) -> (Option<i32>, Value) {
        let path = format!("sink.sqlite.path={}", self.lab.data().display());
        let config = ["--json", "-c", "examples/http-to-sqlite.toml", "--set", &path];
        let set = set.iter().flat_map(|set| ["--set", set]);
        let dlq = binary().args(config).args(set).args(["dlq"]).args(arguments.iter().copied());
        let (status, output) = dlq.run(SOON).await;
        assert_eq!(output.stderr, "", "{}", output.stdout);
        let envelope: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(envelope["command"], format!("dlq {}", arguments[0]));
        assert_eq!(envelope["ok"], json!(status.success()));
        (status.code(), envelope)
    }

    /// The same letters in the HTTP API, the oldest first.
    async fn asked(&self, path: &str) -> Value {
        http::get(self.lab.page(), path).await.json()
    }
}

#[tokio::test]
async fn letters_are_listed_as_the_api_tells_them() {
    let buried = Buried::new().await;
    let (code, envelope) = buried.dlq(&["list"]).await;
    assert_eq!(code, Some(0));
    let mut told = buried.asked("/api/dead-letters").await["letters"].take();
    let told = told.as_array_mut().unwrap();
    told.reverse();
    for letter in told.iter_mut() {
        letter.as_object_mut().unwrap().remove("preview").unwrap();
    }
    assert_eq!(envelope["result"]["letters"], json!(told));

    let (_, some) = buried.dlq(&["list", "--reason", "invalid_json", "--limit", "1"]).await;
    assert_eq!(some["result"]["letters"], json!([told[0]]));
    let (_, none) = buried.dlq(&["list", "--key", "nobody's"]).await;
    assert_eq!(none["result"]["letters"], json!([]));
    end(&buried.demo).await;
}

#[tokio::test]
async fn a_letter_is_shown_with_its_exact_bytes() {
    let buried = Buried::new().await;
    for id in 1..=3 {
        let (code, envelope) = buried.dlq(&["show", &id.to_string()]).await;
        assert_eq!(code, Some(0));
        let mut told = buried.asked(&format!("/api/dead-letters/{id}")).await;
        told.as_object_mut().unwrap().remove("preview").unwrap();
        assert_eq!(envelope["result"], told);
    }
    let (_, binary) = buried.dlq(&["show", "2"]).await;
    assert_eq!(binary["result"]["payload_base64"], json!("//57"));
    let (code, absent) = buried.dlq(&["show", "99"]).await;
    assert_eq!((code, &absent["result"]), (Some(1), &Value::Null));
    end(&buried.demo).await;
}

#[tokio::test]
async fn a_list_shows_the_unseen_characters_of_a_key() {
    let lab = Lab::new();
    let demo = lab.start(&lab.with_data()).await;
    let mut client = Client::connect(lab.ingest()).await.unwrap();
    let unseen = "\u{202e}\u{2028}\u{9b}";
    let document = format!(r#"{{"track_number":"key{unseen}"}}"#);
    assert_eq!(client.post(document.into()).await.unwrap().status, 422);
    let path = format!("sink.sqlite.path={}", lab.data().display());
    let config = ["-c", "examples/http-to-sqlite.toml", "--set", &path];
    let (status, list) = binary().args(config).args(["dlq", "list"]).run(SOON).await;
    assert!(status.success(), "{}", list.stderr);
    let said = [&list.stdout, &list.stderr].map(String::as_str).concat();
    assert!(said.contains(r"key\u{202e}\u{2028}\u{9b}"), "{said}");
    assert!(!said.contains(['\u{202e}', '\u{2028}', '\u{9b}']), "{said}");
    assert_eq!(list.stdout.lines().count(), 1);
    end(&demo).await;
}

#[tokio::test]
async fn a_replay_tells_the_fate_of_each_letter() {
    let buried = Buried::new().await;
    let lenient = buried.lab.folder().join("lenient.schema.json");
    std::fs::write(&lenient, r#"{"required":["track_number"]}"#).unwrap();
    let schema = format!("validate.json_schema.schema={}", lenient.display());
    // The column requires what this schema does not.
    let column = "sink.sqlite.table.columns.order_uid=/track_number";
    let mended = [schema.as_str(), column];

    let (code, dry) = buried.dlq_with(&mended, &["replay", "--all", "--dry-run"]).await;
    let result = &dry["result"];
    assert_eq!((code, &result["would_try"], &result["rejected"]), (Some(1), &1.into(), &2.into()));
    assert_eq!(result["letters"][2], json!({"id": 3, "result": "would_try"}));

    let (code, done) = buried.dlq_with(&mended, &["replay", "3", "1"]).await;
    let result = &done["result"];
    assert_eq!((code, &result["stored"], &result["rejected"]), (Some(1), &1.into(), &1.into()));
    assert_eq!(result["letters"][0], json!({"id": 3, "result": "stored", "document": 1}));
    let rejected = &result["letters"][1];
    assert_eq!((&rejected["id"], &rejected["reason"]), (&1.into(), &"invalid_json".into()));
    let (_, letter) = buried.dlq(&["show", "3"]).await;
    assert_eq!(
        (&letter["result"]["state"], &letter["result"]["document"]),
        (&"replayed".into(), &1.into())
    );
    end(&buried.demo).await;
}

#[tokio::test]
async fn what_was_done_before_a_failure_is_told() {
    let buried = Buried::new().await;
    let (code, replayed) = buried.dlq(&["replay", "1", "99"]).await;
    assert_eq!((code, &replayed["result"]["rejected"]), (Some(1), &1.into()));
    assert_eq!(replayed["error"]["message"], "no dead letter has the id 99");
    let (code, purged) = buried.dlq(&["purge", "1", "99"]).await;
    assert_eq!((code, &purged["result"]["purged"]), (Some(1), &1.into()));
    assert_eq!(purged["error"]["message"], "no dead letter has the id 99");

    let (code, dry) = buried.dlq(&["purge", "--all", "--dry-run"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(dry["result"], json!({"found": 2, "purged": 0, "dry_run": true}));
    end(&buried.demo).await;
}

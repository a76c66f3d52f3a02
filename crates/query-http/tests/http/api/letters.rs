use std::path::Path;
use std::sync::Arc;

use l0_stage::letters::DeadLetters;
use l0_stage::{Reader, Reason, Rejection};
use l0_testkit::memory::Instance;
use serde_json::{Value, json};

use crate::support::{Away, Server, Shelf, get, post, stock};

async fn list(server: &Server, query: &str) -> Value {
    let answer = get(server.address, &format!("/api/dead-letters{query}")).await;
    assert_eq!(answer.status, 200, "{query}");
    answer.json()
}

fn ids(page: &Value) -> Vec<i64> {
    let letters = page["letters"].as_array().expect("a list");
    letters.iter().map(|letter| letter["id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn a_letter_is_listed_with_everything_but_its_payload() {
    let sink = stock::sink();
    stock::bury(&sink, ["{\"amount\":1}"]).await;
    let server = Server::of("", &sink).await;
    let answer = get(server.address, "/api/dead-letters").await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut letter = answer.json()["letters"][0].clone();
    assert!(letter["buried"].take().is_string());
    let known = json!({
        "id": 1, "buried": null, "reason": "schema_violation",
        "detail": "/amount must be a number", "key": "K1", "stream": "ORDERS", "sequence": 1,
        "subject": "order", "published": "2024-05-01T09:30:00.000Z", "deliveries": 1, "size": 12,
        "preview": "{\"amount\":1}", "state": "waiting", "decided": null, "document": null,
    });
    assert_eq!(letter, known);
}

#[tokio::test]
async fn letters_are_listed_the_newest_first_page_by_page() {
    let sink = stock::sink();
    stock::bury(&sink, (1..=5).map(|number| number.to_string())).await;
    let server = Server::of("", &sink).await;
    let page = list(&server, "?limit=2").await;
    assert_eq!((ids(&page), &page["next"]), (vec![5, 4], &json!(4)));
    let page = list(&server, "?limit=3&before=4").await;
    assert_eq!((ids(&page), &page["next"]), (vec![3, 2, 1], &Value::Null));
}

#[tokio::test]
async fn letters_are_filtered_by_decision_reason_and_key() {
    let sink = stock::sink();
    stock::bury(&sink, ["1", "2"]).await;
    let conflict =
        l0_stage::DeadLetter { rejection: Rejection::conflict(9), ..stock::letter(3, "3") };
    stock::bury_one(&sink, conflict).await;
    sink.mark_replayed(&[(1, 97)]).await.expect("marked");
    let server = Server::of("", &sink).await;
    for (query, found) in [
        ("", vec![3, 2, 1]),
        ("?decided=true", vec![3, 2, 1]),
        ("?decided=false", vec![3, 2]),
        ("?reason=conflict", vec![3]),
        ("?reason=nonsense", vec![]),
        ("?key=K2", vec![2]),
        ("?key=K1&decided=false", vec![]),
    ] {
        assert_eq!(ids(&list(&server, query).await), found, "{query}");
    }
    let replayed = &list(&server, "?key=K1").await["letters"][0];
    assert_eq!((&replayed["state"], &replayed["document"]), (&json!("replayed"), &json!(97)));
    assert!(replayed["decided"].is_string());
}

#[tokio::test]
async fn parameters_that_mean_nothing_are_refused() {
    let server = Server::of("", &stock::sink()).await;
    for query in ["limit=0", "limit=101", "before=x", "decided=yes", "key=a%00", "other=1"] {
        let answer = get(server.address, &format!("/api/dead-letters?{query}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_parameter"), "{query}");
    }
}

#[tokio::test]
async fn a_whole_letter_has_its_payload_as_text_or_else_as_base64() {
    let sink = stock::sink();
    stock::bury(&sink, [&b"{\"a\":\"<img onerror=x>\"}"[..], b"\xff\x00\xfe"]).await;
    let server = Server::of("", &sink).await;
    let letter = get(server.address, "/api/dead-letters/1").await.json();
    assert_eq!(letter["payload"], "{\"a\":\"<img onerror=x>\"}");
    assert_eq!(letter["payload_base64"], Value::Null);
    assert_eq!(letter["headers"], "NATS/1.0\r\na: b\r\n");
    let letter = get(server.address, "/api/dead-letters/2").await.json();
    assert_eq!((&letter["payload"], &letter["payload_base64"]), (&Value::Null, &json!("/wD+")));
}

#[tokio::test]
async fn hostile_bytes_of_a_letter_come_out_as_json() {
    let sink = stock::sink();
    let mut letter = stock::letter(1, (0..=255).cycle().take(4096).collect::<Vec<u8>>());
    letter.message.subject = "\"\\\u{0}\u{2028}</script>\u{202e}".to_owned();
    letter.message.headers = b"NATS/1.0\r\n\xff\x00: \"\x1b[31m".as_slice().into();
    letter.document_key = Some("\"},{\"id\":2,\u{7f}\n".to_owned());
    letter.rejection = Rejection::new(Reason::InvalidJson, "\"</script><img src=x onerror=y>");
    stock::bury_one(&sink, letter).await;
    let server = Server::of("", &sink).await;
    let listed = list(&server, "").await["letters"][0].clone();
    assert_eq!(listed["key"], "\"},{\"id\":2,\u{7f}\n");
    assert_eq!(listed["preview"].as_str().map(|text| text.chars().count()), Some(200));
    let whole = get(server.address, "/api/dead-letters/1").await.json();
    assert_eq!(whole["subject"], "\"\\\u{0}\u{2028}</script>\u{202e}");
    assert_eq!(whole["headers"], "NATS/1.0\r\n\u{fffd}\u{0}: \"\u{1b}[31m");
}

#[tokio::test]
async fn a_preview_has_two_hundred_characters_however_wide_they_are() {
    let sink = stock::sink();
    stock::bury(&sink, ["\u{1f4a5}", "ы", "\u{20ac}"].map(|wide| wide.repeat(1000))).await;
    let server = Server::of("", &sink).await;
    for letter in list(&server, "").await["letters"].as_array().expect("a list") {
        let preview = letter["preview"].as_str().expect("text");
        assert_eq!(preview.chars().count(), 200);
        assert!(!preview.contains('\u{fffd}'), "{preview}");
    }
}

#[tokio::test]
async fn an_unknown_letter_is_not_found_and_where_there_are_none_is_said_so() {
    let server = Server::of("", &stock::sink()).await;
    let answer = get(server.address, "/api/dead-letters/1").await;
    assert_eq!((answer.status, &*answer.error_code()), (404, "letter_not_found"));
    let answer = get(server.address, "/api/dead-letters/x").await;
    assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_id"));

    let without = Server::start("", &Shelf::new()).await;
    for target in ["/api/dead-letters", "/api/dead-letters/1"] {
        let answer = get(without.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (404, "not_found"), "{target}");
    }
    assert_eq!(get(without.address, "/api/status").await.json()["letters"], Value::Null);
    let starting = Server::launch("", Path::new("."), None).await;
    assert_eq!(get(starting.address, "/api/dead-letters").await.error_code(), "starting");
}

#[tokio::test]
async fn letters_that_cannot_be_reached_are_unavailable_without_the_words_of_the_driver() {
    let instance = Instance::new(Some(Arc::new(Away)));
    let shelf: Arc<dyn Reader> = Shelf::new();
    let server =
        Server::with("listen = '127.0.0.1:0'", Path::new("."), Some(shelf), instance).await;
    let find = "/api/find?q=key";
    for target in ["/api/dead-letters", "/api/dead-letters/1", find] {
        let answer = get(server.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (503, "unavailable"), "{target}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("driver-text"), "{target}");
    }
    for target in ["1/replay", "1/discard", "replay"] {
        let answer = post(server.address, &format!("/api/dead-letters/{target}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (503, "unavailable"), "{target}");
    }
    assert_eq!(get(server.address, "/api/status").await.json()["letters"], Value::Null);
    let found = get(server.address, "/api/find?q=7").await.json();
    assert_eq!((&found["documents"][0]["id"], &found["letters"]), (&json!(7), &json!([])));
}

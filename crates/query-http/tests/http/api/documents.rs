use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::support::{Server, Shelf, get, stock};

fn ids(page: &Value) -> Vec<i64> {
    let documents = page["documents"].as_array().expect("a list");
    documents.iter().map(|entry| entry["id"].as_i64().expect("an id")).collect()
}

async fn three() -> Server {
    let sink = stock::sink();
    stock::store(
        &sink,
        [
            r#"{"track":"A","uid":"one"}"#,
            r#"{"track":"B","uid":"two"}"#,
            r#"{"track":"C","uid":"one"}"#,
        ],
    )
    .await;
    Server::of("search = ['uid', 'track', 'name']", &sink).await
}

#[tokio::test]
async fn the_newest_documents_come_with_what_is_known_of_them() {
    let server = three().await;
    let answer = get(server.address, "/api/documents").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    let page = answer.json();
    assert_eq!((ids(&page), &page["next"]), (vec![3, 2, 1], &Value::Null));
    let mut newest = page["documents"][0].clone();
    let stored = newest["stored"].take();
    assert_eq!(stored.as_str().map(str::len), Some("2024-05-01T09:30:00.000Z".len()), "{stored}");
    let known = json!({"id": 3, "key": "C", "published": "2024-05-01T09:30:00.000Z", "stored": null, "deliveries": 1});
    assert_eq!(newest, known);
}

#[tokio::test]
async fn a_page_tells_where_the_next_one_begins() {
    let server = Server::start("", &Shelf::new()).await;
    let page = get(server.address, "/api/documents?limit=2&before=4").await.json();
    assert_eq!((ids(&page), &page["next"]), (vec![3, 2], &json!(2)));
    let last = get(server.address, "/api/documents?limit=1&before=2").await.json();
    assert_eq!((ids(&last), &last["next"]), (vec![1], &Value::Null));
    let full = get(server.address, "/api/documents?limit=100").await.json();
    assert_eq!((ids(&full).len(), &full["next"]), (100, &json!(902)));
    assert_eq!(ids(&get(server.address, "/api/documents").await.json()).len(), 20);
}

#[tokio::test]
async fn documents_are_found_by_the_key_and_by_each_field_of_search() {
    let server = three().await;
    for (query, found) in [
        ("uid=one", vec![3, 1]),
        ("uid=one&before=3", vec![1]),
        ("uid=one&limit=1", vec![3]),
        ("track=B", vec![2]),
        ("uid=none", vec![]),
        ("uid=%27%3B--", vec![]),
        ("uid=", vec![]),
    ] {
        let page = get(server.address, &format!("/api/documents?{query}")).await.json();
        assert_eq!(ids(&page), found, "{query}");
    }
}

#[tokio::test]
async fn the_key_is_searched_whether_it_is_configured_or_not_and_others_are_not() {
    let sink = stock::sink();
    stock::store(&sink, [r#"{"track":"A","uid":"one"}"#]).await;
    let server = Server::of("", &sink).await;
    assert_eq!(ids(&get(server.address, "/api/documents?track=A").await.json()), [1]);
    assert_eq!(get(server.address, "/api/documents?uid=one").await.status, 400);
}

#[tokio::test]
async fn a_field_of_search_without_an_index_is_refused_with_the_reason() {
    let server = three().await;
    let answer = get(server.address, "/api/documents?name=x").await;
    assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_parameter"));
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.contains("`name`") && message.contains("index"), "{message}");
    assert_eq!(get(server.address, "/api/status").await.json()["search"], json!(["uid", "track"]));
}

#[tokio::test]
async fn parameters_that_mean_nothing_are_refused_and_told_as_json_whatever_they_are() {
    let server = three().await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=",
        "limit=-1",
        "limit=99999999999999999999",
        "before=0",
        "before=x",
        "limit=1&limit=2",
        "uid=a&uid=b",
        "uid=a&track=b",
        "uid=a%00b",
        "nowhere=1",
        "%22%3Cimg%3E%0A%FF=1",
        "id=1",
    ] {
        let answer = get(server.address, &format!("/api/documents?{query}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_parameter"), "{query}");
    }
    let long = format!("/api/documents?{}=1", "a".repeat(9000));
    assert!(get(server.address, &long).await.body.len() < 1000);
}

#[tokio::test]
async fn a_document_comes_with_what_is_known_of_it_and_as_it_was_published() {
    let sink = stock::sink();
    let text = r#"{ "track":"</script>\u0001","n":1.50E+2 ,"big":12345678901234567890123}"#;
    stock::store(&sink, [text]).await;
    let server = Server::of("", &sink).await;
    let answer = get(server.address, "/api/documents/1").await;
    assert_eq!(answer.status, 200);
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(body.contains(text), "{body}");
    let shown = answer.json();
    assert_eq!((&shown["id"], &shown["key"]), (&json!(1), &json!("</script>\u{1}")));
    assert_eq!(shown["cache"], json!({"kept": false, "reads": 0}));
}

#[tokio::test]
async fn looking_at_a_document_neither_fills_the_cache_nor_counts() {
    let server = Server::start("cache_size = 1", &Shelf::new()).await;
    let look = async || get(server.address, "/api/documents/1").await.json()["cache"].clone();
    let read = async |id| {
        let answer = get(server.address, &format!("/get-json?id={id}")).await;
        answer.header("x-cache-status").expect("cache status").to_owned()
    };
    assert_eq!(look().await, json!({"kept": false, "reads": 0}));
    assert_eq!(read(1).await, "Miss");
    assert_eq!(look().await, json!({"kept": true, "reads": 1}));
    assert_eq!(read(1).await, "Hit");
    assert_eq!(look().await, json!({"kept": true, "reads": 2}));
    assert_eq!(look().await, json!({"kept": true, "reads": 2}));

    read(2).await;
    assert_eq!(look().await, json!({"kept": false, "reads": 0}));
    let cache = get(server.address, "/api/status").await.json()["cache"].clone();
    assert_eq!(
        (&cache["hits"], &cache["misses"], &cache["entries"]),
        (&json!(1), &json!(2), &json!(1))
    );
}

#[tokio::test]
async fn without_a_cache_nothing_is_said_of_it() {
    let server = Server::start("cache_size = 0", &Shelf::new()).await;
    get(server.address, "/get-json?id=1").await;
    assert_eq!(get(server.address, "/api/documents/1").await.json()["cache"], Value::Null);
}

#[tokio::test]
async fn an_id_that_is_none_is_refused_and_an_unknown_one_not_found() {
    let server = Server::start("", &Shelf::new()).await;
    for id in ["x", "0", "-1", "+1", "1.0", "9223372036854775808", "%31", "1%00"] {
        let answer = get(server.address, &format!("/api/documents/{id}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_id"), "{id}");
    }
    let answer = get(server.address, "/api/documents/5000").await;
    assert_eq!((answer.status, &*answer.error_code()), (404, "document_not_found"));
    let answer = get(server.address, "/api/documents/1?x=1").await;
    assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_parameter"));
    for path in ["/api/documents/", "/api/documents/1/", "/api/documents/1/2", "/api", "/api/"] {
        assert_eq!(get(server.address, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_sink_that_is_away_or_not_there_yet_is_unavailable_without_its_words() {
    let shelf = Shelf::new();
    let server = Server::start("", &shelf).await;
    shelf.away.store(true, Ordering::SeqCst);
    for target in ["/api/documents", "/api/documents/1", "/api/find?q=1"] {
        let answer = get(server.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (503, "unavailable"), "{target}");
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(!String::from_utf8_lossy(&answer.body).contains("driver-text"), "{target}");
    }
    let starting = Server::launch("", std::path::Path::new("."), None).await;
    for target in ["/api/documents", "/api/documents/1", "/api/documents?a=b", "/api/find?q=1"] {
        let answer = get(starting.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (503, "starting"), "{target}");
    }
}

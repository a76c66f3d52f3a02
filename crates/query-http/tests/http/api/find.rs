use l0_stage::observe::Backlog;
use serde_json::{Value, json};

use crate::support::{Server, Shelf, get, stock};

async fn find(server: &Server, text: &str) -> Value {
    let answer = get(server.address, &format!("/api/find?q={text}")).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

fn found(answer: &Value) -> Vec<(i64, &str)> {
    let documents = answer["documents"].as_array().expect("a list").iter();
    documents
        .map(|it| (it["id"].as_i64().expect("an id"), it["by"].as_str().expect("a field")))
        .collect()
}

#[tokio::test]
async fn a_text_is_looked_for_as_id_as_key_and_as_every_field_of_search() {
    let sink = stock::sink();
    stock::store(
        &sink,
        [r#"{"track":"7","uid":"x"}"#, r#"{"track":"1","uid":"7"}"#, r#"{"track":"x","uid":"1"}"#],
    )
    .await;
    let server = Server::of("search = ['uid']", &sink).await;
    assert_eq!(found(&find(&server, "1").await), [(1, "id"), (2, "track"), (3, "uid")]);
    assert_eq!(found(&find(&server, "x").await), [(3, "track"), (1, "uid")]);
    let none = find(&server, "nothing").await;
    assert_eq!(
        (found(&none), &none["newest"], &none["query"]),
        (vec![], &json!(3), &json!("nothing"))
    );
    assert_eq!(
        find(&server, "1").await["documents"][0]["cache"],
        json!({"kept": false, "reads": 0})
    );
}

#[tokio::test]
async fn one_that_is_found_twice_is_shown_once_and_at_most_twenty_are() {
    let sink = stock::sink();
    let texts = (1..=30).map(|number| format!(r#"{{"track":"T{number}","uid":"same"}}"#));
    stock::store(&sink, texts.chain([r#"{"track":"both","uid":"both"}"#.to_owned()])).await;
    let server = Server::of("search = ['track', 'uid']", &sink).await;
    assert_eq!(found(&find(&server, "both").await), [(31, "track")]);
    let many = find(&server, "same").await;
    assert_eq!((found(&many).len(), found(&many)[0]), (20, (30, "uid")));
}

#[tokio::test]
async fn letters_with_the_key_are_found_too_decided_ones_among_them() {
    let sink = stock::sink();
    stock::bury(&sink, ["{", "{{"]).await;
    let server = Server::of("", &sink).await;
    let answer = find(&server, "K2").await;
    assert_eq!((&answer["letters"][0]["id"], &answer["letters"][1]), (&json!(2), &Value::Null));
    l0_stage::letters::DeadLetters::discard(&sink, &[2]).await.expect("discarded");
    assert_eq!(find(&server, "K2").await["letters"][0]["state"], "discarded");
}

#[tokio::test]
async fn it_tells_how_many_messages_are_ahead_if_the_source_knows() {
    let server = Server::start("", &Shelf::new()).await;
    assert_eq!(find(&server, "x").await["ahead"], Value::Null);
    server.instance.owe(Some(Backlog { waiting: 100, in_flight: 20, ..Backlog::default() }));
    let answer = find(&server, "x").await;
    assert_eq!((&answer["ahead"], &answer["newest"]), (&json!(120), &json!(1001)));
    assert_eq!(answer["letters"], json!([]), "a sink without letters");
}

#[tokio::test]
async fn a_text_is_neither_missing_nor_endless() {
    let server = Server::start("", &Shelf::new()).await;
    let long = "a".repeat(501);
    for query in ["", "?q=", "?q=1&q=2", "?q=1&x=2", "?q=%00", &format!("?q={long}")] {
        let answer = get(server.address, &format!("/api/find{query}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_parameter"), "{query}");
    }
    assert_eq!(find(&server, &"%D1%8B".repeat(500)).await["documents"], json!([]));
}

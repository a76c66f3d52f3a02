//! What a client is told of its document.

use l0_stage::Verdict;
use l0_stage::serde_json::json;
use l0_testkit::http::{Answer, get, send};

use crate::support::{JSON, Lab};

fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.error_code().as_str()), (status, code));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let error = &answer.json()["error"];
    assert_eq!(error["request_id"].as_str(), answer.header("x-request-id"));
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
    let comes_again = matches!(status, 429 | 503);
    assert_eq!(answer.header("retry-after").is_some(), comes_again, "{status}");
}

#[tokio::test]
async fn a_stored_document_is_201_and_a_duplicate_200_with_its_id() {
    let lab = Lab::deciding("").await;
    let stored = lab.post(JSON, "{}").await;
    assert_eq!((stored.status, stored.json()), (201, json!({ "id": 8 })));
    assert_eq!(stored.header("content-type"), Some("application/json"));
    let duplicate = lab.post(JSON, "\"duplicate\"").await;
    assert_eq!((duplicate.status, duplicate.json()), (200, json!({ "id": 7 })));
}

#[tokio::test]
async fn a_conflict_is_409_and_any_other_rejection_422_with_its_reason_and_detail() {
    let lab = Lab::deciding("").await;
    assert_problem(&lab.post(JSON, "\"conflict\"").await, 409, "conflict");
    let bad = lab.post(JSON, "\"bad\"").await;
    assert_problem(&bad, 422, "schema_violation");
    assert_eq!(bad.json()["error"]["message"], "`/a\"b` is no number");
}

#[tokio::test]
async fn a_document_that_was_given_back_or_dropped_is_503_to_be_sent_again() {
    let lab = Lab::deciding("").await;
    for (body, retry_after) in [("\"later\"", "3"), ("\"drop\"", "1")] {
        let answer = lab.post(JSON, body).await;
        assert_problem(&answer, 503, "given_back");
        assert_eq!(answer.header("retry-after"), Some(retry_after), "{body}");
    }
}

#[tokio::test]
async fn nothing_is_answered_before_the_document_is_settled() {
    let (_lab, held, client) = Lab::holding("", "{}").await;
    assert!(!client.is_finished());
    held.receipt.settle(Verdict::Stored { id: 5 }).await.expect("settled");
    assert_eq!(client.await.expect("no panic").json(), json!({ "id": 5 }));
}

#[tokio::test]
async fn a_commit_that_takes_too_long_is_503_and_settling_it_later_is_no_failure() {
    let (_lab, held, client) = Lab::holding("answer_timeout_secs = 1", "{}").await;
    assert_problem(&client.await.expect("no panic"), 503, "timed_out");
    held.receipt.settle(Verdict::Stored { id: 5 }).await.expect("settled");
}

#[tokio::test]
async fn other_paths_are_404_and_other_methods_405_with_those_allowed() {
    let lab = Lab::deciding("").await;
    assert_problem(&send(lab.address, "POST", "/").await, 405, "method_not_allowed");
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let answer = send(lab.address, method, "/documents").await;
        assert_problem(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    let answer = send(lab.address, "DELETE", "/livez").await;
    assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    for path in ["/documents/", "/documents/1", "/get-json?id=1", "//", "/%2e%2e/"] {
        assert_problem(&get(lab.address, path).await, 404, "not_found");
    }
    assert_eq!(send(lab.address, "CONNECT", "host:443").await.status, 404);
}

#[tokio::test]
async fn the_root_tells_how_to_use_it_and_livez_that_it_lives() {
    let lab = Lab::deciding("").await;
    let usage = get(lab.address, "/").await;
    let text = String::from_utf8(usage.body).expect("text");
    assert_eq!((usage.status, text.lines().count()), (200, 2));
    let at = format!("http://{}/documents", lab.address);
    assert!(text.lines().all(|line| line.contains("curl") && line.ends_with(&at)), "{text}");
    assert_eq!(get(lab.address, "/livez").await.status, 200);
    assert!(send(lab.address, "HEAD", "/").await.body.is_empty());
}

//! Many documents in one request.

use l0_stage::{Delivery, Stop, Verdict, serde_json};
use l0_testkit::http::connect;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use crate::support::{JSON, Lab, NDJSON, PATIENCE, lines, payloads, statuses, store};

#[tokio::test]
async fn each_line_is_answered_in_order_with_the_status_it_would_have_alone() {
    let lab = Lab::deciding("").await;
    let body = "{}\r\n\n \t\r\n\"bad\"\n\"duplicate\"\n\"drop\"\n\"conflict\"\n\"later\"\n{}";
    let answer = lab.post(NDJSON, body).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(NDJSON)));
    assert_eq!(statuses(&answer), [201, 422, 200, 503, 409, 503, 201]);
    let lines = lines(&answer);
    assert_eq!((&lines[0]["id"], &lines[2]["id"]), (&8.into(), &7.into()));
    assert_eq!(lines[1]["error"]["code"], "schema_violation");
    assert_eq!(lines[1]["error"]["message"], "`/a\"b` is no number");
    assert_eq!(lines[1]["error"]["request_id"].as_str(), answer.header("x-request-id"));
    assert!(answer.body.starts_with(b"{\"status\":201,\"id\":8}\n"));
}

#[tokio::test]
async fn lines_are_handed_over_byte_for_byte_without_their_ends() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let client = lab.posting(NDJSON, "\n\n {\"a\" : 1} \r\n \r\n2\r\r\n\n3\r");
    let batch = receiving.await.expect("no panic");
    assert_eq!(payloads(&batch), [" {\"a\" : 1} ", "2\r", "3\r"]);
    store(batch).await;
    assert_eq!(statuses(&client.await.expect("no panic")), [201; 3]);
}

#[tokio::test]
async fn a_body_without_a_document_has_an_empty_answer() {
    let lab = Lab::deciding("").await;
    for body in ["", "\n", " \r\n\n"] {
        let answer = lab.post(NDJSON, body).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0));
    }
}

#[tokio::test]
async fn a_line_is_answered_while_the_next_one_is_not_committed() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let mut stream = connect(lab.address).await;
    let request = format!(
        "POST /documents HTTP/1.0\r\nContent-Type: {NDJSON}\r\nContent-Length: 4\r\n\r\n1\n2\n"
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answers = BufReader::new(stream).lines();
    let mut batch = receiving.await.expect("no panic");
    for delivery in batch.drain(..) {
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
        let answered = async {
            while answers.next_line().await.expect("read").expect("more")
                != r#"{"status":201,"id":1}"#
            {}
        };
        timeout(PATIENCE, answered).await.expect("an answer to what is committed");
    }
}

#[tokio::test]
async fn a_body_may_have_more_lines_than_the_queue_has_places() {
    let lab = Lab::deciding("max_pending = 3").await;
    let body = "{}\n".repeat(20_000);
    let answer = lab.post(NDJSON, &body).await;
    assert_eq!(statuses(&answer), [201; 20_000]);
}

#[tokio::test]
async fn a_body_of_too_many_lines_is_413_and_none_of_them_is_handed_over() {
    let lab = Lab::open("max_lines = 3").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    for body in ["1\n2\n3\n4", "1\n2\n3\n4\n", "\n\n\n1"] {
        let answer = lab.post(NDJSON, body).await;
        assert_eq!((answer.status, answer.error_code()), (413, "too_many_lines".to_owned()));
    }
    let client = lab.posting(NDJSON, "1\n2\n3\n");
    let batch = receiving.await.expect("no panic");
    assert_eq!(payloads(&batch), ["1", "2", "3"]);
    store(batch).await;
    assert_eq!(statuses(&client.await.expect("no panic")), [201; 3]);
}

#[tokio::test]
async fn a_long_answer_goes_on_without_the_words_of_its_errors() {
    let lab = Lab::deciding("").await;
    let answer = lab.post(NDJSON, &"\"bad\"\n".repeat(30_000)).await;
    assert_eq!(statuses(&answer), [422; 30_000]);
    let (lines, bytes) = (lines(&answer), answer.body.len());
    assert_eq!(lines[0]["error"]["message"], "`/a\"b` is no number");
    assert_eq!(lines[29_999]["error"], serde_json::json!({"code": "schema_violation"}));
    assert!(bytes < 3 << 20, "{bytes}");
}

#[tokio::test]
async fn lines_that_find_the_queue_full_of_others_are_429() {
    let lab = Lab::open("max_pending = 1").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let client = lab.posting(NDJSON, "1\n2\n3\n");
    let first = receiving.await.expect("no panic");
    assert_eq!(payloads(&first), ["1"]);
    let _other = lab.posting(JSON, "\"other\"");
    lab.waiting(1).await;
    store(first).await;
    let answer = client.await.expect("no panic");
    assert_eq!(statuses(&answer), [201, 429, 429]);
    assert_eq!(lines(&answer)[1]["error"]["code"], "queue_full");
    assert_eq!(payloads(&lab.receive(10).await), ["\"other\""]);
}

#[tokio::test]
async fn after_a_stop_what_is_queued_is_stored_and_the_rest_is_503() {
    let lab = Lab::open("max_pending = 3").await;
    let stop = Stop::new();
    let receiving = async { lab.source.receive(2, &stop).await.expect("received") };
    let posting = async {
        lab.listens().await;
        lab.post(NDJSON, "1\n2\n3\n4\n5\n6\n7\n").await
    };
    let working = async {
        let first = receiving.await.expect("not the end");
        lab.waiting(1).await;
        stop.request();
        store(first).await;
        let mut after = Vec::new();
        while let Some(batch) = lab.source.receive(2, &stop).await.expect("received") {
            after.extend(payloads(&batch));
            store(batch).await;
        }
        after
    };
    let (answer, after) = tokio::join!(posting, working);
    assert!(after.first().is_some_and(|line| line == "3"), "{after:?}");
    let statuses = statuses(&answer);
    let stored = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(stored, 2 + after.len());
    assert!(statuses[stored..].iter().all(|status| *status == 503), "{statuses:?}");
    assert_eq!(statuses.len(), 7);
}

#[tokio::test]
async fn after_a_time_out_the_rest_of_a_body_is_not_handed_over() {
    let (lab, held, _first) =
        Lab::holding("answer_timeout_secs = 1\nmax_pending = 2", "\"held\"").await;
    let answer = lab.post(NDJSON, &"{}\n".repeat(1000)).await;
    assert_eq!(statuses(&answer), [503; 1000]);
    assert!(lines(&answer).iter().all(|line| line["error"]["code"] == "timed_out"));
    assert_eq!(lab.source.backlog().expect("known").waiting, 2);
    drop(held);
}

#[tokio::test]
async fn lines_fill_the_batches_of_the_workers() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(100);
    lab.listens().await;
    let client = lab.posting(NDJSON, "{}\n".repeat(250));
    let mut sizes = Vec::new();
    let mut batch = receiving.await.expect("no panic");
    loop {
        sizes.push(batch.len());
        batch.into_iter().for_each(|Delivery { receipt, .. }| drop(receipt));
        if sizes.iter().sum::<usize>() == 250 {
            break;
        }
        batch = lab.receive(100).await;
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(statuses(&client.await.expect("no panic")), [503; 250]);
}

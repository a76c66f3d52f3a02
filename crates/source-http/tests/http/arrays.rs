//! A body that is an array.

use crate::support::{JSON, Lab, NDJSON, lines, payloads, statuses, store};

#[tokio::test]
async fn each_element_is_answered_in_order_with_the_status_it_would_have_alone() {
    let lab = Lab::deciding("").await;
    let answer = lab.post(JSON, "[{}, \"bad\",\n\"duplicate\",\"conflict\" , \"later\", {}]").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(NDJSON)));
    assert_eq!(statuses(&answer), [201, 422, 200, 409, 503, 201]);
    assert_eq!(lines(&answer)[1]["error"]["code"], "schema_violation");
}

#[tokio::test]
async fn each_element_is_a_message_with_its_exact_bytes() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let client =
        lab.posting(JSON, " \n[ {\"a\" : \"],[\\\"\"} ,\r\n\t[1, 2],{\"b\":\n{\"c\":[]}}\n]\n");
    let batch = receiving.await.expect("no panic");
    assert_eq!(payloads(&batch), ["{\"a\" : \"],[\\\"\"}", "[1, 2]", "{\"b\":\n{\"c\":[]}}"]);
    store(batch).await;
    assert_eq!(statuses(&client.await.expect("no panic")), [201; 3]);
}

#[tokio::test]
async fn an_element_that_is_wrong_inside_costs_the_others_nothing() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let client = lab.posting(JSON, "[{\"a\":1},{\"b\":oops},{\"c\":[1},{\"d\":4}] {\"e\":5}");
    let batch = receiving.await.expect("no panic");
    let expected = ["{\"a\":1}", "{\"b\":oops}", "{\"c\":[1}", "{\"d\":4}", "{\"e\":5}"];
    assert_eq!(payloads(&batch), expected);
    store(batch).await;
    assert_eq!(statuses(&client.await.expect("no panic")), [201; 5]);
}

#[tokio::test]
async fn an_array_that_is_cut_off_between_elements_says_so_behind_the_last_one() {
    let lab = Lab::deciding("").await;
    let answer = lab.post(JSON, "[{}, \"duplicate\",").await;
    assert_eq!(statuses(&answer), [201, 200, 400]);
    assert_eq!(lines(&answer)[2]["error"]["code"], "incomplete_body");
    assert_eq!(statuses(&lab.post(JSON, "[").await), [400]);
    assert_eq!(statuses(&lab.post(JSON, "[{}, {\"a\":").await), [201, 201], "it is an element");
}

#[tokio::test]
async fn an_array_without_elements_has_an_empty_answer() {
    let lab = Lab::deciding("").await;
    for body in ["[]", " [ \n] ", "\u{feff}[]"] {
        let answer = lab.post(JSON, body).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{body}");
    }
}

#[tokio::test]
async fn an_array_of_too_many_elements_is_413_and_none_of_them_is_handed_over() {
    let lab = Lab::open("max_lines = 3").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let answer = lab.post(JSON, "[1,2,3,4]").await;
    assert_eq!((answer.status, answer.error_code()), (413, "too_many_lines".to_owned()));
    let client = lab.posting(JSON, "[1,2,3]");
    let batch = receiving.await.expect("no panic");
    assert_eq!(payloads(&batch), ["1", "2", "3"]);
    store(batch).await;
    assert_eq!(statuses(&client.await.expect("no panic")), [201; 3]);
}

#[tokio::test]
async fn an_array_may_have_more_elements_than_the_queue_has_places() {
    let lab = Lab::deciding("max_pending = 3").await;
    let body = format!("[{}]", vec!["{}"; 20_000].join(",\n"));
    assert_eq!(statuses(&lab.post(JSON, &body).await), [201; 20_000]);
}

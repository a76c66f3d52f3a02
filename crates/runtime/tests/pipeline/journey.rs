use hyper::StatusCode;
use l0_testkit::require_services;

use crate::stack::Stack;

#[tokio::test]
async fn five_orders_become_ids_1_to_5_and_are_read_through_a_true_lru() {
    require_services!();
    let mut stack = Stack::start().await;
    stack.set("CACHE_SIZE", "2");
    let pipeline = stack.run().await;
    let produced = stack.produce().await;
    assert!(produced.stderr.contains("published 5"), "{}", produced.stderr);
    stack.orders(5).await;
    stack
        .eventually(
            "SELECT string_agg(id::text, ',' ORDER BY id) FROM orders",
            "1,2,3,4,5".to_owned(),
        )
        .await;
    stack.eventually("SELECT count(DISTINCT track_number) FROM orders", 5_i64).await;
    stack.eventually("SELECT count(DISTINCT order_uid) FROM orders", 1_i64).await;
    let same = "SELECT count(*) FROM order_items JOIN orders USING (track_number) WHERE order_id = orders.id";
    stack.eventually(same, 10_i64).await;

    let mut seen = Vec::new();
    for id in [1, 1, 2, 1, 3, 1, 2] {
        seen.push(pipeline.document(id).await.1);
    }
    // 3 pushed out 2, which was the least recently used, not 1, which came first.
    assert_eq!(seen, ["Miss", "Hit", "Miss", "Hit", "Miss", "Hit", "Miss"]);

    assert_eq!(pipeline.get("/get-json?id=6").await.status, StatusCode::NOT_FOUND);
    assert_eq!(pipeline.get("/get-json?id=x").await.status, StatusCode::BAD_REQUEST);
    let page = pipeline.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));

    let status: serde_json::Value =
        serde_json::from_slice(&pipeline.get("/api/status").await.body).unwrap();
    assert_eq!(status["ledger"]["delivered"], 5);
    assert_eq!(status["ledger"]["stored"], 5);
    assert_eq!(status["ledger"]["in_hand"], 0);

    let log = pipeline.drain().await.stderr;
    for id in 1..=5 {
        assert!(log.contains(&format!("{id} \"WBILMTESTTRACK_")), "id {id} is in the log:\n{log}");
    }
    assert!(
        log.contains("delivered=5 stored=5 duplicate=0 buried=0 returned=0 in_hand=0"),
        "{log}"
    );
    assert_eq!(stack.pending().await, (0, 0), "nothing waits in the stream");
}

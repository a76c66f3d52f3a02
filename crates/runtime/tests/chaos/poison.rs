use l0_testkit::ledger::Content;
use l0_testkit::require_services;

use crate::lab::Lab;

const BATCH: u64 = 500;

/// How often a batch is halved until a document stands alone.
const DEPTH: usize = 9;

/// Publishes one batch with this many documents that only the database refuses. Returns how often
/// it was halved.
async fn halvings(refused: u64) -> usize {
    let mut lab = Lab::start().await;
    lab.stack.set("WORKER_QUANTITY", "1");
    let content = |key: u64| {
        // They are spread over the batch, which is written in the order of its keys.
        let is_refused = key * refused / BATCH != (key + 1) * refused / BATCH;
        if is_refused { Content::Refused } else { Content::Good }
    };
    let intents = (0..BATCH).map(|key| lab.ledger.intend_exactly(key, content(key)));
    lab.producer.publish(intents.collect::<Vec<_>>()).await;
    let pipeline = lab.stack.run().await;
    lab.until_idle().await;
    assert_eq!(lab.ledger.totals().refused as u64, refused);
    let halvings = pipeline.runtime.output().stderr.matches("halving a batch").count();
    lab.verdict(pipeline).await;
    halvings
}

#[tokio::test]
async fn one_refused_document_of_500_is_found_and_buried_alone() {
    require_services!();
    let halvings = halvings(1).await;
    assert!((1..=DEPTH).contains(&halvings), "{halvings} halvings");
}

#[tokio::test]
async fn seven_refused_documents_of_500_are_found_and_buried_alone() {
    require_services!();
    let halvings = halvings(7).await;
    assert!((7..=7 * DEPTH).contains(&halvings), "{halvings} halvings");
}

#[tokio::test]
async fn a_batch_of_nothing_but_refused_documents_is_buried_whole() {
    require_services!();
    assert_eq!(halvings(BATCH).await as u64, BATCH - 1);
}

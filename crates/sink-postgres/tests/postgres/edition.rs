//! What ids mean: another database, and a table that was emptied, are another edition.

use l0_stage::{Edition, Sink};
use l0_testkit::{Shutdown, require_services, write};

use crate::support::{Shop, order};

async fn edition(sink: &dyn Sink) -> Edition {
    sink.reader().unwrap().edition().await.unwrap().unwrap()
}

async fn store(sink: &dyn Sink, track: &str) {
    write(&mut *sink.writer().await.unwrap(), &[order(track, "")]).await.unwrap();
}

#[tokio::test]
async fn an_edition_goes_on_while_documents_come_and_ends_with_a_truncate_or_a_sequence_set_back() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    store(&*sink, "A").await;
    store(&*sink, "B").await;
    let mut before = edition(&*sink).await;
    store(&*sink, "C").await;
    let after = edition(&*sink).await;
    assert!(after.follows(&before) && after.highest == 3, "{before:?} {after:?}");
    for emptied in [
        "TRUNCATE orders RESTART IDENTITY CASCADE",
        "DELETE FROM order_items; DELETE FROM orders; SELECT setval(pg_get_serial_sequence('orders', 'id'), 1, false)",
    ] {
        store(&*sink, "D").await;
        store(&*sink, "E").await;
        before = edition(&*sink).await;
        shop.execute(emptied).await;
        store(&*sink, "F").await;
        let after = edition(&*sink).await;
        assert!(!after.follows(&before), "{emptied}: {before:?} {after:?}");
    }
}

#[tokio::test]
async fn a_restarted_server_is_another_edition() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    store(&*sink, "A").await;
    let before = edition(&*sink).await;
    shop.postgres.stop(Shutdown::Fast).await;
    shop.postgres.restart().await;
    let after = edition(&*sink).await;
    assert!(!after.follows(&before), "{before:?} {after:?}");
}

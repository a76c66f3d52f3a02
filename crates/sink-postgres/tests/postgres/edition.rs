//! What ids mean: another database, or an emptied table, is another edition.

use l0_stage::Sink;
use l0_stage::stored::Edition;
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

#[tokio::test]
async fn a_table_that_was_made_anew_is_another_edition() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    store(&*sink, "A").await;
    let before = edition(&*sink).await;
    shop.execute(
        "CREATE TABLE fresh (LIKE orders INCLUDING ALL); GRANT SELECT, INSERT ON fresh TO worker;
         ALTER TABLE order_items DROP CONSTRAINT order_items_order_id_fkey; DROP TABLE orders;
         ALTER TABLE fresh RENAME TO orders;
         ALTER SEQUENCE fresh_id_seq RENAME TO orders_id_seq;
         GRANT USAGE, SELECT ON SEQUENCE orders_id_seq TO worker",
    )
    .await;
    store(&*sink, "B").await;
    let after = edition(&*sink).await;
    assert!(!after.follows(&before), "{before:?} {after:?}");
}

#[tokio::test]
async fn a_partition_that_was_emptied_is_another_edition() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "ALTER TABLE order_items DROP CONSTRAINT order_items_order_id_fkey;
         ALTER TABLE orders RENAME TO old;
         CREATE TABLE orders (LIKE old INCLUDING DEFAULTS INCLUDING IDENTITY, UNIQUE (track_number))
             PARTITION BY HASH (track_number);
         CREATE TABLE one PARTITION OF orders FOR VALUES WITH (MODULUS 1, REMAINDER 0);
         GRANT SELECT, INSERT ON orders TO worker;
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO worker",
    )
    .await;
    let sink = shop.sink().await;
    store(&*sink, "A").await;
    let before = edition(&*sink).await;
    store(&*sink, "B").await;
    assert!(edition(&*sink).await.follows(&before));
    shop.execute("TRUNCATE one").await;
    let after = edition(&*sink).await;
    assert!(!after.follows(&before), "{before:?} {after:?}");
}

#[tokio::test]
async fn a_table_whose_ids_the_database_gives_has_editions_too() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM worker").await;
    let sink = shop.sink().await;
    store(&*sink, "A").await;
    let before = edition(&*sink).await;
    assert_eq!(before.highest, 1);
    store(&*sink, "B").await;
    assert!(edition(&*sink).await.follows(&before));
    shop.execute("TRUNCATE orders RESTART IDENTITY CASCADE").await;
    store(&*sink, "C").await;
    let after = edition(&*sink).await;
    assert!(!after.follows(&before), "{before:?} {after:?}");
}

#[tokio::test]
async fn another_server_is_another_edition_whether_or_not_it_tells_its_identity() {
    require_services!();
    for revoke in [false, true] {
        let mut editions = Vec::new();
        for _ in 0..2 {
            let mut shop = Shop::open().await;
            if revoke {
                let control = "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC";
                shop.execute(control).await;
            }
            let sink = shop.sink().await;
            store(&*sink, "A").await;
            editions.push(edition(&*sink).await);
        }
        assert!(!editions[1].follows(&editions[0]), "{editions:?}");
    }
}

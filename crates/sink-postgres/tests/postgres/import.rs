//! The statements of `docs/from-nats-streaming.md`, as written there.

use l0_stage::stored::Lookup;
use l0_stage::{Outcome, serde_json};
use l0_testkit::{Postgres, require_services, write};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::support::{Shop, document, root};

/// The blocks of the document, by their purpose.
struct Steps {
    assumed: String,
    put_aside: String,
    from_columns: String,
    from_json: String,
    unfit: String,
    import: String,
}

impl Steps {
    fn read() -> Self {
        let text = std::fs::read_to_string(root().join("docs/from-nats-streaming.md")).unwrap();
        let blocks = text.split("```sql\n").skip(1);
        let blocks: Vec<_> =
            blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect();
        let [assumed, put_aside, from_columns, from_json, unfit, import] =
            blocks.try_into().unwrap_or_else(|blocks: Vec<_>| panic!("{} blocks", blocks.len()));
        Self { assumed, put_aside, from_columns, from_json, unfit, import }
    }
}

/// A database on which the former service has worked.
async fn former(tables: &str, rows: &str) -> (Postgres, PgConnection) {
    let postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    execute(&mut admin, tables).await.unwrap();
    execute(&mut admin, rows).await.unwrap();
    (postgres, admin)
}

async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(|_| ())
}

/// All columns that a document fills, of orders with their items, by id.
const ROWS: &str = "SELECT o.id, to_jsonb(o) - 'id' - 'document' - 'published_at' - 'deliveries' - 'stored_at' || jsonb_build_object('items',
        (SELECT jsonb_agg(to_jsonb(i) - 'order_id' ORDER BY i.chrt_id)
         FROM order_items i WHERE i.order_id = o.id)) AS row
    FROM orders o ORDER BY id";

async fn rows(shop: &mut Shop) -> Vec<String> {
    let sql = format!("SELECT row::text FROM ({ROWS}) AS rows");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut shop.admin).await.unwrap()
}

/// What was imported equals what the pipeline itself makes of the same documents.
async fn stored_anew(shop: &mut Shop, ids: &[i64]) -> Vec<String> {
    let sink = shop.sink().await;
    let documents = sink.reader().unwrap().documents(ids).await.unwrap();
    let documents = documents
        .into_iter()
        .map(|payload| document(std::str::from_utf8(&payload.unwrap()).unwrap()));
    let documents: Vec<_> = documents.collect();
    shop.execute("TRUNCATE orders, order_items").await;
    let mut writer = sink.writer().await.unwrap();
    for document in documents {
        let outcome = write(&mut *writer, &[document]).await.unwrap();
        assert!(matches!(outcome[..], [Outcome::Stored(_)]), "{outcome:?}");
    }
    rows(shop).await
}

#[tokio::test]
async fn rows_of_the_former_service_are_imported_with_their_ids_and_the_next_id_follows() {
    require_services!();
    let steps = Steps::read();
    let rows_there = "
        INSERT INTO orders VALUES
            (7, 'uid', 'T7', 'тест', 'Test \"Testov\"', '+972', '2639809', 'Kiryat', 'Ploshad 15', 'Kraiot', 'a@b.c',
             'tx', '', 'USD', 'wbpay', 1817.10, 1637907727, 'alpha', 1500, 317, 0, 'en', '', 'test', 'meest', '9', 99,
             '2021-11-26T09:22:19.25+03:00', '1');
        INSERT INTO orders (id, order_uid, track_number) VALUES (3, 'uid', 'T3'), (41, 'uid', ''), (42, 'uid', 'T7');
        INSERT INTO items VALUES
            (2, 7, 9934930, 'T7', 453, 'rid', 'Mascaras', 30.30, 'M', 317, 2389212, 'Vivienne', 202),
            (1, 7, 123456789012, 'T', 99.99, 'rid', 'Ftest', 0, '0', 317, NULL, 'Jim', 202)";
    let (postgres, mut admin) = former(&steps.assumed, rows_there).await;
    execute(&mut admin, &steps.put_aside).await.unwrap();
    let mut shop = Shop::on(postgres).await;
    shop.execute(&steps.from_columns).await;

    let unfit: Vec<(Option<String>, Vec<i32>)> =
        sqlx::query_as(AssertSqlSafe(steps.unfit.clone())).fetch_all(&mut admin).await.unwrap();
    assert_eq!(unfit.len(), 2, "{unfit:?}");
    execute(&mut admin, &steps.import).await.unwrap_err();
    admin.close().await.unwrap();
    assert_eq!(shop.count("orders").await, 0, "all or nothing");
    shop.execute("DELETE FROM former.orders WHERE id > 40").await;

    // The second import finds something new, and changes nothing else.
    shop.execute(&steps.import).await;
    shop.execute(
        "INSERT INTO former.orders (id, order_uid, track_number) VALUES (12, 'uid', 'T12')",
    )
    .await;
    shop.execute(&steps.import).await;
    let ids: String = shop.scalar("SELECT string_agg(id::text, ' ' ORDER BY id) FROM orders").await;
    assert_eq!(ids, "3 7 12");
    assert_eq!(shop.count("order_items").await, 2);

    let sink = shop.sink().await;
    let read = sink.reader().unwrap().documents(&[7]).await.unwrap();
    let read: Value = serde_json::from_slice(read[0].as_ref().unwrap()).unwrap();
    assert_eq!(read["payment"]["amount"].to_string(), "1817.10", "digit for digit");
    assert_eq!(read["items"][1]["size"], "M", "items keep their order");
    assert_eq!(read["items"][0].get("nm_id"), None, "NULL is a missing field");
    assert_eq!(read["date_created"], "2021-11-26T06:22:19.25+00:00");

    let mut writer = sink.writer().await.unwrap();
    let again = document(&read.to_string());
    let fresh = document(r#"{"order_uid":"u","track_number":"fresh"}"#);
    let outcomes = write(&mut *writer, &[again, fresh]).await.unwrap();
    assert_eq!(outcomes, [Outcome::Duplicate(7), Outcome::Stored(13)]);

    let lookup = Lookup::Field { name: "order_uid".into(), value: "uid".into() };
    let entries = sink.reader().unwrap().entries(&lookup, None, 9).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), [12, 7, 3]);
    for entry in entries {
        assert_eq!((entry.published, entry.deliveries), (None, None), "they are not known");
        assert!(entry.stored.is_some(), "when it was imported");
    }

    let imported = rows(&mut shop).await;
    assert_eq!(stored_anew(&mut shop, &[3, 7, 12, 13]).await, imported);
}

#[tokio::test]
async fn documents_that_the_former_service_kept_as_json_are_imported_as_they_were_published() {
    require_services!();
    let steps = Steps::read();
    let sample = std::fs::read_to_string(root().join("schemas/order.sample.json")).unwrap();
    let odd =
        r#"{ "order_uid":"u", "track_number":"odd", "items":null, "sm_id":"7", "new":[1e3] }"#;
    let tables = "CREATE TABLE orders (id serial PRIMARY KEY, data text); CREATE TABLE items ()";
    let rows_there = format!("INSERT INTO orders VALUES (5, '{sample}'), (9, '{odd}')");
    let (postgres, mut admin) = former(tables, &rows_there).await;
    execute(&mut admin, &steps.put_aside).await.unwrap();
    let mut shop = Shop::on(postgres).await;
    shop.execute(&steps.from_json).await;
    shop.execute(&steps.import).await;

    let read = shop.sink().await.reader().unwrap().documents(&[5, 9]).await.unwrap();
    assert_eq!(read, [sample, odd.to_owned()].map(|document| Some(document.into())));
    let imported = rows(&mut shop).await;
    assert_eq!(stored_anew(&mut shop, &[5, 9]).await, imported);
}

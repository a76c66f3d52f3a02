//! Queries cost the same however large the tables are. The server itself counts the rows that
//! it read.

use std::time::Duration;

use l0_stage::letters::{LetterFilter, LetterPage, PageStart};
use l0_stage::stored::{Entry, Lookup};
use l0_stage::{Reader, Sink};
use l0_testkit::{eventually, require_services};

use crate::support::Shop;

const MANY: i64 = 100_000;
const PAGE: usize = 20;

/// Rows that a scan of the table has read, and rows that its indexes have read.
const READ: &str = "SELECT format('%s %s', seq_tup_read,
        (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes i WHERE i.relid = t.relid))
    FROM pg_stat_user_tables t WHERE relname = ";

/// A shop in which a statement with its role's planner settings would read whole tables.
async fn shop_whose_roles_plan_badly() -> Shop {
    let mut shop = Shop::open().await;
    for role in ["worker", "ns_user"] {
        for switch in ["enable_indexscan", "enable_indexonlyscan", "enable_nestloop"] {
            shop.execute(&format!("ALTER ROLE {role} SET {switch} = off")).await;
        }
    }
    shop
}

/// The server adds what a session did when the session ends.
async fn read(shop: &mut Shop, table: &str, at_least: usize) -> [usize; 2] {
    let sql = format!("{READ} '{table}'");
    eventually(Duration::from_secs(20), "the counts of the server", async || {
        let counts: String = shop.scalar(&sql).await;
        let mut counts = counts.split(' ').map(|count| count.parse::<usize>().unwrap());
        let counts = [counts.next().unwrap(), counts.next().unwrap()];
        (counts.iter().sum::<usize>() >= at_least).then_some(counts)
    })
    .await
}

fn by(name: &str, value: &str) -> Lookup {
    Lookup::Field { name: name.into(), value: value.into() }
}

/// How many entries each of these queries finds.
async fn ask(reader: &dyn Reader) -> Vec<usize> {
    let middle = Some(MANY / 2);
    let mut found = Vec::new();
    for (lookup, before) in [
        (Lookup::All, None),
        (Lookup::All, middle),
        (Lookup::Id(7), None),
        (by("track_number", "T7"), None),
        (by("track_number", "T7"), middle),
        (by("track_number", "nobody"), None),
        (by("order_uid", "same"), None),
        (by("order_uid", "same"), middle),
        (by("order_uid", "same"), Some(2)),
        (by("order_uid", "own 8"), None),
        (by("order_uid", "nobody"), None),
        (by("order_uid", "zzz"), middle),
    ] {
        let entries: Vec<Entry> = reader.entries(&lookup, before, PAGE).await.unwrap();
        found.push(entries.len());
    }
    found
}

/// Asks while the table is empty, after it has grown, and after the planner knows that. `uid` is an
/// SQL expression of the number `n`.
async fn asked_of_a_table_that_grows(uid: &str, expected: [usize; 12]) {
    let mut shop = shop_whose_roles_plan_badly().await;
    // For a table that was found empty, every plan looks equally cheap.
    shop.execute("ALTER TABLE orders SET (autovacuum_enabled = false)").await;
    shop.execute("VACUUM ANALYZE orders").await;
    let sink = shop.sink().await;
    let reader = sink.reader().unwrap();
    assert_eq!(ask(&*reader).await, [0; 12]);
    shop.execute(&format!(
        "INSERT INTO orders (order_uid, track_number, document)
         SELECT {uid}, 'T' || n, '{{}}' FROM generate_series(1, {MANY}) n"
    ))
    .await;
    assert_eq!(ask(&*reader).await, expected);
    shop.execute("ANALYZE orders").await;
    assert_eq!(ask(&*reader).await, expected);
    drop((reader, sink));

    let rows = 2 * expected.iter().sum::<usize>();
    let [scanned, indexed] = read(&mut shop, "orders", rows).await;
    assert_eq!(scanned, 0, "rows that a scan of the whole table read");
    assert!(indexed <= rows + 2 * expected.len(), "{indexed} rows were read for {rows}");
}

#[tokio::test]
async fn a_page_of_entries_reads_its_own_rows_alone_where_all_have_one_value() {
    require_services!();
    asked_of_a_table_that_grows("'same'", [PAGE, PAGE, 1, 1, 1, 0, PAGE, PAGE, 1, 0, 0, 0]).await;
}

#[tokio::test]
async fn a_page_of_entries_reads_its_own_rows_alone_where_each_has_its_own_value() {
    require_services!();
    let expected = [PAGE, PAGE, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0];
    asked_of_a_table_that_grows("'own ' || n", expected).await;
}

async fn ask_for_letters(sink: &dyn Sink) -> Vec<usize> {
    let letters = sink.dead_letters().unwrap();
    let waiting = LetterFilter::default();
    let all = LetterFilter { decided: true, ..LetterFilter::default() };
    let of = |key: &str| LetterFilter { document_key: Some(key.into()), ..all.clone() };
    let mut found = vec![letters.waiting(1000).await.unwrap(), letters.waiting(2).await.unwrap()];
    for filter in [waiting, all.clone(), of("same"), of("own 8"), of("nobody")] {
        for from in [PageStart::After(0), PageStart::Before(i64::MAX)] {
            let page = LetterPage { from, limit: PAGE, payload_bytes: 0 };
            found.push(letters.list(&filter, &page).await.unwrap().len());
        }
    }
    found
}

#[tokio::test]
async fn letters_that_wait_and_those_of_a_key_are_found_among_many_decided_ones_and_those_of_others()
 {
    require_services!();
    let mut shop = shop_whose_roles_plan_badly().await;
    shop.execute("ALTER TABLE dead_letters SET (autovacuum_enabled = false)").await;
    shop.execute("VACUUM ANALYZE dead_letters").await;
    let sink = shop.sink().await;
    assert_eq!(ask_for_letters(&*sink).await, [0; 12]);
    shop.execute(&format!(
        "INSERT INTO dead_letters (letter_key, reason, detail, stream, stream_created, sequence,
            published_at, attempts, subject, headers, payload, document_key, discarded_at, pipeline)
         SELECT int4send(n::integer), 'r', 'd', 's', now(), n, now(), 1, '', '', '',
            CASE n % 2 WHEN 1 THEN 'same' ELSE 'own ' || n END,
            CASE WHEN n % ({MANY} / 4) > 0 THEN now() END, pipeline
         FROM unnest(ARRAY['another', 'test', 'yet another']) pipeline, generate_series(1, {MANY}) n"
    ))
    .await;
    let expected = [4, 2, 4, 4, PAGE, PAGE, PAGE, PAGE, 1, 1, 0, 0];
    assert_eq!(ask_for_letters(&*sink).await, expected);
    shop.execute("ANALYZE dead_letters").await;
    assert_eq!(ask_for_letters(&*sink).await, expected);
    drop(sink);

    let rows = 2 * expected.iter().sum::<usize>();
    let [scanned, indexed] = read(&mut shop, "dead_letters", rows).await;
    assert_eq!(scanned, 0, "a scan of the whole table");
    assert!(indexed <= rows + 2 * expected.len(), "{indexed} rows were read for {rows}");
}

use std::time::Duration;

use l0_testkit::{Shutdown, eventually, require_services, set};
use serde_json::{Value, json};

use crate::stack::{SOON, Stack, root};

/// The shipped sample with its own track number.
fn sample(track: &str) -> Value {
    let text = std::fs::read_to_string(root().join("schemas/order.sample.json")).unwrap();
    let mut order: Value = serde_json::from_str(&text).unwrap();
    set(&mut order, "/track_number", track);
    order
}

/// Orders that a strict service would have lost.
fn odd_but_good() -> Vec<String> {
    let edited = |track: &str, edits: &[(&str, Value)]| {
        let mut order = sample(track);
        for (pointer, value) in edits {
            set(&mut order, pointer, value.clone());
        }
        order.to_string()
    };
    let number = |digits: &str| serde_json::from_str::<Value>(digits).unwrap();
    let item = sample("x")["items"][0].clone();
    vec![
        r#"{"order_uid":"only what identifies it","track_number":"minimal"}"#.to_owned(),
        edited("nulls", &[("/delivery", Value::Null), ("/payment", Value::Null), ("/items", Value::Null), ("/entry", Value::Null), ("/date_created", Value::Null)]),
        edited("clothing size", &[("/items/0/size", json!("M")), ("/items/1/size", json!(46))]),
        edited("numbers as strings", &[("/payment/amount", json!("1817.00")), ("/sm_id", json!("10")), ("/items/0/chrt_id", json!("9934930"))]),
        edited("strings as numbers", &[("/delivery/zip", json!(2639809)), ("/shardkey", json!(9)), ("/items/0/rid", json!(1))]),
        edited("no items", &[("/items", json!([]))]),
        edited("100 items", &[("/items", Value::Array(vec![item; 100]))]),
        edited("unknown fields", &[("/loyalty", json!({"points": [1, {"two": null}]})), ("/items/0/new", json!(true))]),
        edited("html", &[("/delivery/name", json!("<img src=x onerror=alert(1)> \"'&\\ </script>"))]),
        edited("20 kB", &[("/internal_signature", json!("ы".repeat(10_000)))]),
        edited("Трек 😀 𝄞", &[("/delivery/city", json!("Кирьят-Моцкин 🏠"))]),
        edited("big integers", &[("/items/0/nm_id", number("9007199254740993")), ("/payment/amount", number("123456789012345678901234567890"))]),
        edited("decimals", &[("/payment/amount", number("0.1")), ("/payment/goods_total", number("12345678901234567890.12")), ("/payment/custom_fee", number("0.10"))]),
        r#"{"order_uid":"u","track_number":"exponent","payment":{"amount":1.5e3,"delivery_cost":1E400},"sm_id":1e1}"#.to_owned(),
        edited("zone", &[("/date_created", json!("2021-11-26T06:22:19+03:00"))]),
        "\n { \"track_number\" : \"blanks\" ,\t\"order_uid\":\"u\" } \r\n".to_owned(),
    ]
}

#[tokio::test]
async fn odd_but_good_orders_come_back_as_they_were_published() {
    require_services!();
    let stack = Stack::start().await;
    let pipeline = stack.run().await;
    for (order, id) in odd_but_good().into_iter().zip(1..) {
        stack.publish(order.clone()).await;
        stack.orders(id).await;
        assert_eq!(pipeline.document(id).await.0, order, "byte for byte");
    }
    stack.eventually("SELECT count(*) FROM dead_letters", 0_i64).await;
    stack.eventually("SELECT count(*) FROM order_items WHERE order_id = 7", 100_i64).await;
    let amount = "SELECT payment_goods_total::text || ' ' || payment_custom_fee FROM orders WHERE track_number = 'decimals'";
    stack.eventually(amount, "12345678901234567890.12 0.10".to_owned()).await;
    let time =
        "SELECT date_created = '2021-11-26T03:22:19Z' FROM orders WHERE track_number = 'zone'";
    stack.eventually(time, true).await;
    pipeline.drain().await;
}

/// Five times the second within which a good message after a bad one must be stored.
const WITHIN: Duration = Duration::from_secs(5);

/// Messages that must be buried, each with its reason.
fn bad() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let padded = |pad: usize| {
        format!(r#"{{"order_uid":"u","track_number":"t","pad":"{}"}}"#, "x".repeat(pad))
    };
    let large = padded((1 << 20) - padded(0).len());
    let with =
        |more: String| format!(r#"{{"order_uid":"u","track_number":"t",{more}}}"#).into_bytes();
    let last_day = with(r#""date_created":"9999-12-31T23:59:59-01:00""#.to_owned());
    let items = with(format!(r#""items":[{}]"#, vec!["{}"; 300_000].join(",")));
    let key = format!(r#"{{"order_uid":"u","track_number":"{}"}}"#, "k".repeat(3000)).into_bytes();
    let utf16: Vec<u8> = r#"{"a":1}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let invalid: [&[u8]; 19] = [
        b"",
        b"   \n",
        b"\xff\xfe\xfd",
        b"\xef\xbb\xbf{\"order_uid\":\"u\",\"track_number\":\"bom\"}",
        b"{\"order_uid\":\"u\",\"track_number\":\"cut",
        b"{\"order_uid\":\"u\",\"track_number\":\"t\"} trailing",
        b"null",
        b"1",
        b"[]",
        b"{\"order_uid\":NaN,\"track_number\":\"t\"}",
        b"{\"order_uid\":\"u\",\"track_number\":\"t\"} // comment",
        b"{\"order_uid\":\"u\",\"track_number\":\"t\",}",
        b"{\"order_uid\":\"u\",\"track_number\":\"nul \\u0000\"}",
        b"{\"order_uid\":\"u\",\"track_number\":\"raw \0\"}",
        b"{\"order_uid\":\"u\",\"track_number\":\"lone \\ud800\"}",
        b"{\"order_uid\":\"u\",\"order_uid\":\"u\",\"track_number\":\"twice\"}",
        b"{\"order_uid\":\"u\",\"track_number\":\"t\",\"sm_id\":{\"$serde_json::private::Number\":\"1\"}}",
        b"{'order_uid':'u'}",
        b"\x00",
    ];
    let mut bad: Vec<_> = invalid.map(|bytes| ("invalid_json", bytes.to_vec())).into();
    bad.extend([
        ("invalid_json", utf16),
        ("invalid_json", deep(64).into_bytes()),
        ("invalid_json", vec![b'['; 1_000_000]),
        ("too_large", large.into_bytes()),
        ("schema_violation", br#"{"track_number":"no uid"}"#.to_vec()),
        ("schema_violation", br#"{"order_uid":"u"}"#.to_vec()),
        ("schema_violation", br#"{"order_uid":"u","track_number":null}"#.to_vec()),
        ("schema_violation", br#"{"order_uid":"u","track_number":""}"#.to_vec()),
        ("schema_violation", br#"{"order_uid":"u","track_number":"t","items":{}}"#.to_vec()),
        (
            "schema_violation",
            br#"{"order_uid":"u","track_number":"t","date_created":"now"}"#.to_vec(),
        ),
        (
            "schema_violation",
            br#"{"order_uid":"u","track_number":"t","payment":{"amount":"much"}}"#.to_vec(),
        ),
        ("unfit_value", br#"{"order_uid":"u","track_number":"t","sm_id":1e400}"#.to_vec()),
        ("unfit_value", br#"{"order_uid":"u","track_number":"t","sm_id":1e400}"#.to_vec()),
        ("unfit_value", last_day),
        ("unfit_value", items),
        ("schema_violation", key),
    ]);
    bad
}

#[tokio::test]
async fn a_bad_message_is_buried_with_its_bytes_and_the_next_good_one_is_stored() {
    require_services!();
    // The largest payload of nats-server is 1 MiB by default, which is exactly the largest
    // document.
    let stack = Stack::start().await;
    let pipeline = stack.begin_with(["run", "--set", "pipeline.max_document_bytes=1048575"]).await;
    pipeline.until_ready().await;
    let mut admin = stack.admin().await;
    for ((reason, payload), number) in bad().into_iter().zip(1..) {
        stack.publish(payload.clone()).await;
        stack.publish(sample(&format!("after {number}")).to_string()).await;
        stack.orders_within(number, WITHIN).await;
        let what =
            format!("{reason}: {}", String::from_utf8_lossy(&payload[..payload.len().min(80)]));
        let found = l0_testkit::eventually(SOON, &what, async || {
            let letter =
                "SELECT reason, detail FROM dead_letters WHERE sha256(payload) = sha256($1)";
            let letter = sqlx::query_as::<_, (String, String)>(letter).bind(&payload);
            letter.fetch_optional(&mut admin).await.unwrap()
        })
        .await;
        assert_eq!(found.0, reason, "{what} ({})", found.1);
    }
    let letters = i64::try_from(bad().len()).unwrap();
    stack.eventually("SELECT count(*) FROM dead_letters", letters).await;
    pipeline.drain().await;
    assert_eq!(stack.pending().await, (0, 0));
}

#[tokio::test]
async fn the_same_key_again_is_a_duplicate_when_equal_and_a_dead_letter_when_not() {
    require_services!();
    let stack = Stack::start().await;
    let pipeline = stack.run().await;
    stack.publish(sample("T").to_string()).await;
    stack.orders(1).await;
    stack.publish(sample("T").to_string()).await;
    let mut other = sample("T");
    set(&mut other, "/payment/amount", 1);
    stack.publish(other.to_string()).await;
    stack.eventually("SELECT count(*) FROM dead_letters WHERE reason = 'conflict'", 1_i64).await;
    let log = pipeline.drain().await.stderr;
    assert!(
        log.contains("delivered=3 stored=1 duplicate=1 buried=1 returned=0 in_hand=0"),
        "{log}"
    );
}

/// Cached documents are valid only for the database they were read from.
#[tokio::test]
async fn a_database_that_was_emptied_and_filled_anew_is_not_answered_from_the_cache() {
    require_services!();
    let mut stack = Stack::start().await;
    let pipeline = stack.run().await;
    let order = |track: &str| sample(track).to_string();
    stack.publish(order("gone")).await;
    stack.orders(1).await;
    assert_eq!(pipeline.document(1).await, (order("gone").into(), "Miss".to_owned()));
    assert_eq!(pipeline.document(1).await, (order("gone").into(), "Hit".to_owned()));

    stack.postgres.stop(Shutdown::Fast).await;
    stack.postgres.restart().await;
    let empty = "TRUNCATE orders, order_items RESTART IDENTITY";
    sqlx::raw_sql(empty).execute(&mut stack.admin().await).await.unwrap();
    stack.publish(order("there")).await;
    stack.orders(1).await;
    // The last look at the store is at most a second old.
    eventually(SOON, "the document that is there", async || {
        let (document, _) = pipeline.document(1).await;
        (document == order("there")).then_some(())
    })
    .await;
    assert_eq!(pipeline.document(1).await, (order("there").into(), "Hit".to_owned()));
    pipeline.drain().await;
}

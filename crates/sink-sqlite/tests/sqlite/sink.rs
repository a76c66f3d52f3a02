//! The shop's documents: stored in their columns, refused by them, and written by several
//! instances at once.

use std::time::Duration;

use l0_stage::{Document, Error, Outcome, Plugin, Reason, Refusal, Sink, Why, Writer};
use l0_testkit::{encode, eventually, write};

use crate::support::{Shop, context, document, order};

#[tokio::test]
async fn values_arrive_in_their_columns_digit_for_digit() {
    let shop = Shop::new();
    let mut writer = shop.sink().await.writer().await.unwrap();
    let payload = r#"{"order_uid":"u","track_number":"A","entry":453.10,"date_created":"2021-11-26T06:22:19.5+03:00",
        "delivery":{"name":"Тест 😀","zip":null},"payment":{"amount":12345678901234567890.12,"delivery_cost":1.5e3,"custom_fee":-0.00012,"payment_dt":"1e3"},
        "items":[{"chrt_id":9007199254740993,"sale":"30.30","size":"M"},{"price":0}]}"#;
    let second = order("B", r#","items":[{"brand":"x"}]"#);
    let outcomes = write(&mut *writer, &[document(payload), second]).await.unwrap();
    assert_eq!(outcomes, [1, 2].map(Outcome::Stored));

    let order: String = shop.scalar(
        "SELECT concat_ws('|', entry, date_created, delivery_name, coalesce(delivery_zip, 'null'), payment_amount,
            payment_delivery_cost, payment_custom_fee, payment_dt, typeof(payment_amount), typeof(payment_dt))
         FROM orders WHERE id = 1",
    );
    assert_eq!(
        order,
        "453.10|2021-11-26T03:22:19.500000Z|Тест 😀|null|12345678901234567890.12|1500|-0.00012|1000|text|integer"
    );
    let items: String = shop.scalar(
        "SELECT group_concat(concat_ws('|', order_id, chrt_id, sale, size, price, brand), ';') FROM order_items",
    );
    assert_eq!(items, "1|9007199254740993|30.30|M;1|0;2|x");
    assert_eq!(shop.scalar::<String>("SELECT document FROM orders WHERE id = 1"), payload);
}

async fn is_refused(writer: &mut dyn Writer, batch: &[Document], expected: &str) {
    match write(writer, batch).await {
        Err(Error::Refused(Refusal { rejection, .. })) => {
            assert_eq!(rejection.reason, Reason::RejectedByDatabase);
            assert!(rejection.detail.contains(expected), "{rejection}");
            assert!(!rejection.detail.contains("unspeakable"), "{rejection}");
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_only_the_database_can_refuse_is_refused_and_the_rest_is_fine() {
    let shop = Shop::new();
    let sink = shop.sink().await;
    shop.execute(
        "CREATE UNIQUE INDEX one_email ON orders (delivery_email);
         CREATE TRIGGER no_usd BEFORE INSERT ON orders WHEN NEW.payment_currency = 'USD'
         BEGIN SELECT RAISE(ABORT, 'unspeakable'); END;
         CREATE TRIGGER no_cheap BEFORE INSERT ON order_items WHEN NEW.price = '0'
         BEGIN INSERT INTO order_items (order_id) VALUES (-1); END;
         CREATE TRIGGER no_one BEFORE INSERT ON orders WHEN NEW.locale = 'nn'
         BEGIN SELECT RAISE(ROLLBACK, 'gone'); END",
    );
    let mut writer = sink.writer().await.unwrap();
    let email = r#","delivery":{"email":"a@b"}"#;
    write(&mut *writer, &[order("first", email)]).await.unwrap();
    for (more, expected) in [
        (email, "orders.delivery_email"),
        (r#","payment":{"currency":"USD"}"#, "a trigger refused it"),
        (r#","items":[{"price":1},{"price":0}]"#, "FOREIGN KEY"),
        (r#","locale":"nn""#, "a trigger refused it"),
    ] {
        let batch = [order("good", ""), order("bad", more), order("fine", "")];
        is_refused(&mut *writer, &batch, expected).await;
        assert_eq!(
            (shop.count("orders"), shop.count("order_items")),
            (1, 0),
            "nothing is half stored"
        );
    }
    let rest = [order("good", ""), order("fine", "")];
    assert_eq!(write(&mut *writer, &rest).await.unwrap(), [2, 3].map(Outcome::Stored));
}

#[tokio::test]
async fn extreme_documents_neither_fill_the_memory_nor_stall_the_writer() {
    let shop = Shop::new();
    let mut writer = shop.sink().await.writer().await.unwrap();
    let items =
        |element: &str, count: usize| format!(r#","items":[{}]"#, vec![element; count].join(","));
    let extreme = [
        order("huge numbers", &items(r#"{"price":1e131071,"sale":1e-16383}"#, 100)),
        order(&"k".repeat(2_000), &items("{}", 10_000)),
    ];
    assert_eq!(write(&mut *writer, &extreme).await.unwrap(), [1, 2].map(Outcome::Stored));
    assert_eq!(shop.scalar::<i64>("SELECT max(length(price)) FROM order_items"), 131_072);
    for beyond in [
        order("too many", &items("{}", 10_001)),
        order("last day", r#","date_created":"9999-12-31T23:59:59-01:00""#),
    ] {
        assert_eq!(encode(&*writer, &beyond).unwrap_err().reason, Reason::UnfitValue);
    }
    let many: Vec<_> =
        (0..10).map(|number| order(&format!("M{number}"), &items("{}", 9_000))).collect();
    let answer = write(&mut *writer, &many).await;
    assert!(matches!(answer, Err(Error::Retryable { why: Why::TooLarge, .. })), "to be halved");
    assert_eq!(write(&mut *writer, &many[..5]).await.unwrap().len(), 5);
}

#[tokio::test]
async fn instances_that_start_at_once_on_a_new_file_all_write() {
    const BATCHES: usize = 20;
    let shop = Shop::new();
    let instance = async |name: &str| {
        let connect = async || shop.config.connect(&context()).await.ok();
        let sink: Box<dyn Sink> = eventually(Duration::from_secs(20), "connect", connect).await;
        let mut writer = sink.writer().await.unwrap();
        for batch in 0..BATCHES {
            let batch = [order(&format!("{name} {batch}"), ""), order(&format!("{batch}"), "")];
            let attempt = async || write(&mut *writer, &batch).await.ok();
            eventually(Duration::from_secs(20), "a batch", attempt).await;
        }
    };
    tokio::join!(instance("a"), instance("b"), instance("c"));
    assert_eq!(
        shop.count("orders"),
        4 * i64::try_from(BATCHES).unwrap(),
        "own ones and one of all"
    );
}

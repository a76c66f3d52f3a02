//! The schema of the shop orders: it accepts what was accepted before, but requires what
//! identifies an order.

use std::path::PathBuf;

use crate::stage::{rejection, stage};
use l0_stage::Validator;
use serde_json::{Map, Value, json};

fn schemas() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

async fn orders() -> Box<dyn Validator> {
    stage(&schemas().join("order.schema.json")).await
}

fn sample() -> Value {
    serde_json::from_slice(&std::fs::read(schemas().join("order.sample.json")).unwrap()).unwrap()
}

/// The sample with the value at a pointer replaced by JSON text, kept digit for digit.
fn with(pointer: &str, json: &str) -> String {
    let mut order = sample();
    *order.pointer_mut(pointer).unwrap() = serde_json::from_str(json).unwrap();
    order.to_string()
}

/// The pointer of every scalar of the sample.
fn scalars(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| scalars(value, &format!("{at}/{key}"), found));
        }
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(n, value)| {
                scalars(value, &format!("{at}/{n}"), found);
            });
        }
        _ => found.push(at.into()),
    }
}

fn sample_scalars() -> Vec<String> {
    let mut found = Vec::new();
    scalars(&sample(), "", &mut found);
    found
}

/// Members that must be a string that is not empty.
const KEYS: [&str; 2] = ["/order_uid", "/track_number"];
const DATE: &str = "/date_created";
const NUMBERS: [&str; 11] = [
    "/payment/amount",
    "/payment/payment_dt",
    "/payment/delivery_cost",
    "/payment/goods_total",
    "/payment/custom_fee",
    "/items/0/chrt_id",
    "/items/0/price",
    "/items/0/sale",
    "/items/0/total_price",
    "/items/0/nm_id",
    "/items/0/status",
];

#[track_caller]
fn accepts(orders: &dyn Validator, json: &str) {
    assert_eq!(rejection(orders, json), None, "{json}");
}

#[tokio::test]
async fn the_sample_and_the_barest_order_are_good() {
    let orders = orders().await;
    accepts(&*orders, &sample().to_string());
    accepts(&*orders, r#"{"order_uid":"u","track_number":"t"}"#);
}

#[tokio::test]
async fn every_other_field_may_be_missing_or_null() {
    let orders = orders().await;
    let groups = ["/delivery", "/payment", "/items"].map(String::from);
    for pointer in sample_scalars().into_iter().chain(groups) {
        if KEYS.contains(&pointer.as_str()) {
            continue;
        }
        accepts(&*orders, &with(&pointer, "null"));
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut order = sample();
        order.pointer_mut(parent).and_then(Value::as_object_mut).unwrap().remove(name).unwrap();
        accepts(&*orders, &order.to_string());
    }
}

#[tokio::test]
async fn numbers_may_be_strings_of_numbers_and_texts_may_be_numbers() {
    let orders = orders().await;
    for pointer in sample_scalars() {
        if pointer != DATE && !KEYS.contains(&pointer.as_str()) {
            accepts(&*orders, &with(&pointer, "30.3"));
            accepts(&*orders, &with(&pointer, r#""30.3""#));
        }
    }
    accepts(&*orders, &with("/items/0/size", r#""M""#));
    accepts(&*orders, &with("/items/0/size", "42"));
}

#[tokio::test]
async fn numbers_of_any_size_are_numbers() {
    let orders = orders().await;
    let numbers =
        ["9007199254740993", "0.1", "12345678901234567890.12", "1.5e3", "1e400", "-0", "1E-7"];
    for pointer in NUMBERS {
        for number in numbers {
            accepts(&*orders, &with(pointer, number));
            accepts(&*orders, &with(pointer, &format!(r#""{number}""#)));
        }
    }
}

#[tokio::test]
async fn odd_but_good_orders_are_good() {
    let orders = orders().await;
    accepts(&*orders, &with("/items", "[]"));
    accepts(&*orders, &with("/delivery", "{}"));
    let hundred = vec![sample()["items"][0].clone(); 100];
    accepts(&*orders, &with("/items", &json!(hundred).to_string()));
    let texts = ["<b onclick=\"x\">'</b>".to_owned(), "я".repeat(10_000), "Ёж 🦔👩‍👩‍👧".to_owned()];
    for text in texts {
        accepts(&*orders, &with("/delivery/name", &json!(text).to_string()));
    }
    let mut order = sample();
    let unknown = json!({"deep": [{"a": null}, true]});
    for group in ["", "/delivery", "/payment", "/items/0"] {
        let members: &mut Map<String, Value> =
            order.pointer_mut(group).and_then(Value::as_object_mut).unwrap();
        members.insert("unknown".into(), unknown.clone());
    }
    accepts(&*orders, &order.to_string());
}

#[tokio::test]
async fn times_are_rfc_3339() {
    let orders = orders().await;
    for good in [
        "2021-11-26T06:22:19Z",
        "2021-11-26T09:22:19+03:00",
        "2021-11-26t06:22:19.123456789z",
        "2024-02-29T00:00:00-00:00",
        "2016-12-31T23:59:60Z",
        "2017-01-01T02:59:60+03:00",
    ] {
        accepts(&*orders, &with(DATE, &format!(r#""{good}""#)));
    }
    for bad in [
        "now",
        "",
        "2021-11-26",
        "2021-11-26 06:22:19Z",
        "2021-11-26T06:22:19",
        "2021-11-26T06:22:19+0300",
        "2021-11-26T06:22:60Z",
        "2021-11-26T24:00:00Z",
        "2021-02-29T06:22:19Z",
        " 2021-11-26T06:22:19Z",
        "٢٠٢١-11-26T06:22:19Z",
    ] {
        let detail = rejection(&*orders, &with(DATE, &format!(r#""{bad}""#)));
        let expected = "/date_created: expected format date-time (format)";
        assert_eq!(detail.as_deref(), Some(expected), "{bad}");
    }
}

#[tokio::test]
async fn an_order_without_its_keys_is_refused_with_the_name_of_the_key() {
    let orders = orders().await;
    for key in KEYS {
        let name = &key[1..];
        let mut order = sample();
        order.as_object_mut().unwrap().remove(name);
        let missing = format!(r#"document: "{name}" is missing (required)"#);
        assert_eq!(rejection(&*orders, &order.to_string()), Some(missing));

        let short = format!("{key}: expected 1 or more characters (minLength)");
        assert_eq!(rejection(&*orders, &with(key, r#""""#)), Some(short));
        for other in ["null", "7", "{}"] {
            let wrong = format!("{key}: expected string (type)");
            assert_eq!(rejection(&*orders, &with(key, other)), Some(wrong));
        }
    }
}

#[tokio::test]
async fn no_scalar_may_be_a_boolean_an_object_or_an_array() {
    let orders = orders().await;
    for pointer in sample_scalars() {
        for wrong in ["true", "{}", "[]"] {
            let detail = rejection(&*orders, &with(&pointer, wrong)).unwrap();
            assert!(detail.starts_with(&format!("{pointer}: expected ")), "{detail}");
            assert!(detail.ends_with(" (type)"), "{detail}");
        }
    }
}

#[tokio::test]
async fn groups_of_another_kind_are_refused() {
    let orders = orders().await;
    for (pointer, wrong, place) in [
        ("/delivery", "[]", "/delivery"),
        ("/payment", r#""card""#, "/payment"),
        ("/items", "{}", "/items"),
        ("/items", "[null]", "/items/0"),
        ("/items", "[{},7]", "/items/1"),
    ] {
        let detail = rejection(&*orders, &with(pointer, wrong)).unwrap();
        assert!(detail.starts_with(&format!("{place}: expected ")), "{detail}");
    }
}

#[tokio::test]
async fn a_string_that_is_no_number_is_refused_and_never_quoted() {
    let orders = orders().await;
    let hard = "1".repeat(50_000) + "canary";
    for pointer in NUMBERS {
        for text in ["canary", "", " 1", "1\n", "1canary", "0x1F", "NaN", ".5", "1.", "١", &hard] {
            let detail = rejection(&*orders, &with(pointer, &json!(text).to_string())).unwrap();
            assert!(detail.starts_with(&format!("{pointer}: expected a match of ")), "{detail}");
            assert!(detail.ends_with("(pattern)") && !detail.contains("canary"), "{detail}");
        }
    }
}

//! The mapping as a sink uses it: declaration + catalog → rows or findings.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::{
    Catalog, CatalogColumn, CatalogTable, Cell, ColumnType, Detail, Field, Mapping, Metadata,
    Table, TableKey, UniqueIndex, ValueOf, uuid_text,
};
use l0_stage::{Bytes, Document, Message, Origin};
use serde_json::json;
use time::OffsetDateTime;
use time::macros::datetime;

const TEXT: ColumnType = ColumnType::Text { max: None };

fn column(column_type: ColumnType) -> CatalogColumn {
    CatalogColumn {
        column_type: Some(column_type),
        detail: Detail::default(),
        declared: column_type.to_string(),
        required: false,
        generated_always: false,
        nullable: false,
        default: None,
        missing_privilege: None,
        deterministic: true,
    }
}

fn unique<const N: usize>(columns: [&str; N]) -> (BTreeSet<String>, UniqueIndex) {
    let index = UniqueIndex { name: format!("orders_{}", columns.join("_")), is_loose: false };
    (columns.map(str::to_owned).into(), index)
}

fn table(columns: &[(&str, ColumnType)]) -> CatalogTable {
    let columns = columns.iter().map(|(name, of)| ((*name).to_owned(), column(*of))).collect();
    let unique = BTreeMap::from([unique(["track"])]);
    let indexed = BTreeMap::from([("track".to_owned(), "orders_track".to_owned())]);
    CatalogTable { columns, unique, indexed }
}

fn catalog() -> Catalog {
    let orders = [
        ("id", ColumnType::BigInt),
        ("track", TEXT),
        ("amount", ColumnType::Numeric { limit: None }),
        ("document", ColumnType::Json),
    ];
    let items = [("order_id", ColumnType::BigInt), ("price", ColumnType::Numeric { limit: None })];
    Catalog(BTreeMap::from([
        ("orders".to_owned(), table(&orders)),
        ("items".to_owned(), table(&items)),
    ]))
}

fn declaration() -> Table {
    serde_json::from_value(json!({
        "name": "orders", "id": "id", "key": "track", "document": "document",
        "columns": {"track": "/track", "amount": "/payment/amount"},
        "children": [{"name": "items", "parent": "order_id", "each": "/items", "columns": {"price": "/price"}}],
    }))
    .unwrap()
}

fn mapping() -> Mapping {
    Mapping::new(&declaration(), &catalog()).unwrap()
}

/// A document in a message that was published at this time.
fn document_of(json: serde_json::Value, published: OffsetDateTime) -> Document {
    let origin = Origin {
        stream: "ORDERS".into(),
        stream_created: None,
        sequence: 128_498,
        published,
        attempt: 3,
    };
    let headers = "NATS/1.0\r\nce-id: 9f1c\r\nce-time: 2026-01-03T10:00:00Z\r\nce-id: 2\r\n\r\n";
    let (headers, payload) = (Bytes::from(headers), Bytes::new());
    Document::new(Message { origin, subject: "order".into(), headers, payload }, json)
}

fn document(json: &serde_json::Value) -> Document {
    document_of(json.clone(), datetime!(2026-01-31 12:00:00.123456789 +03:00))
}

/// The key and the message of the only finding.
fn finding(table: &Table, catalog: &Catalog) -> (String, String) {
    let findings = Mapping::new(table, catalog).unwrap_err();
    assert_eq!(findings.len(), 1, "{findings:?}");
    (findings[0].key.clone(), findings[0].message.clone())
}

#[test]
fn a_document_becomes_one_row_and_a_row_per_element() {
    let json = json!({"track": "T1", "payment": {"amount": "18.17"}, "items": [{"price": 1}, {}]});
    let mapping = mapping();
    let document = document(&json);
    let row = mapping.row(&document).unwrap();
    assert_eq!(row.key.to_string(), "T1");
    assert!(matches!(row.cells[..], [Cell::Decimal(_), Cell::Text(_)]), "sorted by column");
    assert!(matches!(row.children[0][..], [Cell::Decimal(_), Cell::Null]));
}

#[test]
fn missing_and_null_members_become_null_and_no_rows() {
    for json in [json!({"track": "T"}), json!({"track": "T", "payment": null, "items": null})] {
        let mapping = mapping();
        let document = document(&json);
        let row = mapping.row(&document).unwrap();
        assert_eq!(row.cells[0], Cell::Null);
        assert!(row.children[0].is_empty());
    }
}

#[test]
fn a_rejection_names_pointer_column_and_expectation_but_never_the_value() {
    for (json, place) in [
        (
            json!({"track": "T", "payment": {"amount": "canary"}}),
            "`/payment/amount` (column `orders.amount`)",
        ),
        (
            json!({"track": "T", "items": [{}, {"price": "canary"}]}),
            "`/items/1/price` (column `items.price`)",
        ),
        (json!({"track": "T", "items": ["canary"]}), "`/items/0` is not an object"),
        (json!({"track": "T", "items": "canary"}), "`/items` is not an array"),
    ] {
        let detail = mapping().row(&document(&json)).unwrap_err().detail;
        assert!(detail.contains(place), "{detail}");
        assert!(!detail.contains("canary"), "{detail}");
    }
}

#[test]
fn a_key_that_is_missing_null_empty_or_too_long_is_a_rejection() {
    for json in [
        json!({}),
        json!({"track": null}),
        json!({"track": ""}),
        json!({"track": {}}),
        json!({"track": "x".repeat(2_049)}),
    ] {
        assert!(mapping().row(&document(&json)).is_err());
    }
    let longest = document(&json!({"track": "x".repeat(2_048)}));
    assert!(mapping().row(&longest).is_ok());
}

#[test]
fn what_the_database_lacks_is_found_at_its_key() {
    let mut gone = catalog();
    gone.0.remove("items");
    assert_eq!(finding(&declaration(), &gone).0, "children.0.name");

    let mut declared = declaration();
    declared.columns.insert("sale".into(), ValueOf::parse("/sale").unwrap());
    let (key, message) = finding(&declared, &catalog());
    assert_eq!(key, "columns.sale");
    assert_eq!(message, "column `sale` not found in table `orders`");
}

#[test]
fn a_required_column_that_is_not_mapped_is_found() {
    let mut live = catalog();
    let mut required = column(TEXT);
    required.required = true;
    live.0.get_mut("orders").unwrap().columns.insert("shop".into(), required);
    assert!(finding(&declaration(), &live).1.contains("`orders.shop` is NOT NULL"));
}

#[test]
fn a_value_that_the_column_demands_may_not_be_missing() {
    let mut live = catalog();
    let columns = &mut live.0.get_mut("orders").unwrap().columns;
    columns.get_mut("amount").unwrap().required = true;
    let mapping = Mapping::new(&declaration(), &live).unwrap();
    for json in [json!({"track": "T"}), json!({"track": "T", "payment": {"amount": null}})] {
        let detail = mapping.row(&document(&json)).unwrap_err().detail;
        assert!(detail.contains("`orders.amount`") && detail.contains("not missing"), "{detail}");
    }
}

#[test]
fn a_document_cannot_make_rows_without_bound() {
    let mapping = mapping();
    let document = |items: usize| document(&json!({"track": "T", "items": vec![json!({}); items]}));
    assert!(mapping.row(&document(10_000)).is_ok());
    let detail = mapping.row(&document(10_001)).unwrap_err().detail;
    assert_eq!(detail, "`/items` has more than 10000 elements");
}

#[test]
fn an_id_that_the_database_does_not_give_is_found() {
    let mut live = catalog();
    live.0.get_mut("orders").unwrap().columns.get_mut("id").unwrap().required = true;
    assert!(finding(&declaration(), &live).1.contains("gets no value"));
}

#[test]
fn a_uuid_is_printed_as_the_database_prints_it() {
    let uuid = uuid_text(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    assert_eq!(uuid, "01234567-89ab-cdef-0123-456789abcdef");
}

#[test]
fn a_key_must_be_unique_deterministic_and_of_a_key_type() {
    let mut live = catalog();
    live.0.get_mut("orders").unwrap().unique.clear();
    assert!(finding(&declaration(), &live).1.contains("not unique"));

    let mut live = catalog();
    live.0.get_mut("orders").unwrap().columns.get_mut("track").unwrap().deterministic = false;
    assert!(finding(&declaration(), &live).1.contains("treats different texts as equal"));

    let mut live = catalog();
    let numeric = column(ColumnType::Numeric { limit: None });
    live.0.get_mut("orders").unwrap().columns.insert("track".into(), numeric);
    assert!(finding(&declaration(), &live).1.contains("key column"));
}

/// A declaration with a key of several columns, and tables that have a unique index of them.
fn of_two(key: [&str; 2]) -> (Table, Catalog) {
    let (mut declared, mut live) = with("tenant", TEXT, "/tenant");
    declared.columns.insert("day".into(), ValueOf::parse("/day").unwrap());
    declared.key = TableKey::from(key);
    let orders = live.0.get_mut("orders").unwrap();
    orders.columns.insert("day".into(), column(ColumnType::Date));
    orders.unique.extend([unique(["tenant", "day"])]);
    (declared, live)
}

#[test]
fn a_key_may_have_several_columns_in_an_order_that_the_index_does_not_have() {
    let json = json!({"tenant": "a/b", "day": "2024-05-02", "track": "T"});
    for (key, text) in
        [(["tenant", "day"], "a~1b/2024-05-02"), (["day", "tenant"], "2024-05-02/a~1b")]
    {
        let (declared, live) = of_two(key);
        let mapping = Mapping::new(&declared, &live).unwrap();
        let document = document(&json);
        let row = mapping.row(&document).unwrap();
        assert_eq!(row.key.to_string(), text);
        assert_eq!(mapping.key_of(text).unwrap(), row.key);
        assert_eq!(mapping.fields[0].name, key.join("/"));
        assert_eq!(mapping.fields[0].fit(text), Some(row.key));
    }
}

#[test]
fn no_part_of_a_key_may_be_missing_and_not_all_may_be_empty() {
    let (declared, live) = of_two(["tenant", "track"]);
    let mut live = live;
    live.0.get_mut("orders").unwrap().unique.extend([unique(["tenant", "track"])]);
    let mapping = Mapping::new(&declared, &live).unwrap();
    let detail = |json| mapping.row(&document(&json)).unwrap_err().detail;
    let missing = "key `/track` (column `track`) is missing";
    assert_eq!(detail(json!({"tenant": "a"})), missing);
    assert_eq!(detail(json!({"tenant": "a", "track": null})), missing);
    let both = "key `/tenant` (column `tenant`), `/track` (column `track`)";
    assert_eq!(detail(json!({"tenant": "", "track": ""})), format!("{both} is empty"));
    let half = "x".repeat(1_024);
    let long = format!("{both} is longer than 2048 bytes");
    assert_eq!(detail(json!({"tenant": half, "track": half})), long);
    assert!(mapping.row(&document(&json!({"tenant": "", "track": "T"}))).is_ok());
}

#[test]
fn a_key_of_several_columns_needs_an_index_of_exactly_these() {
    let (mut declared, mut live) = of_two(["tenant", "day"]);
    live.0.get_mut("orders").unwrap().unique.clear();
    let message = finding(&declared, &live).1;
    assert_eq!(message, "key columns `orders.tenant`, `orders.day` are not unique together");
    // All that a partitioned table allows.
    declared.key = "tenant".into();
    live.0.get_mut("orders").unwrap().unique.extend([unique(["day", "tenant"])]);
    let findings = Mapping::new(&declared, &live).unwrap_err();
    assert_eq!(findings[0].message, "key column `orders.tenant` is not unique");
    let help = findings[0].help.as_ref().unwrap();
    assert!(help.contains(r#"`key = ["tenant", "day"]`"#), "{help}");
}

#[test]
fn a_part_of_a_key_whose_equality_is_not_identity_is_refused_at_its_place() {
    let (declared, mut live) = of_two(["tenant", "day"]);
    let orders = live.0.get_mut("orders").unwrap();
    orders.columns.insert("day".into(), column(ColumnType::Double));
    let (key, message) = finding(&declared, &live);
    assert!(key == "key.1" && message.contains("1 and 1.0 are equal"), "{key}: {message}");

    let (declared, mut live) = of_two(["tenant", "day"]);
    let orders = live.0.get_mut("orders").unwrap();
    orders.unique.values_mut().for_each(|index| index.is_loose = true);
    let (key, message) = finding(&declared, &live);
    assert!(key == "key" && message.contains("treats different texts as equal"), "{message}");
}

#[test]
fn a_time_in_a_key_is_rounded_as_its_column_is() {
    let (mut declared, mut live) = with("at", ColumnType::Timestamp, "/at");
    declared.key = "at".into();
    live.0.get_mut("orders").unwrap().unique.extend([unique(["at"])]);
    let mapping = Mapping::new(&declared, &live).unwrap();
    let document = document(&json!({"at": "2026-01-31T12:00:00.1234567+03:00", "track": "T"}));
    let row = mapping.row(&document).unwrap();
    assert_eq!(row.key.to_string(), "2026-01-31T09:00:00.123457Z");
    assert_eq!(row.cells[1], Cell::Timestamp(datetime!(2026-01-31 09:00:00.123457 UTC)));
}

#[test]
fn a_document_column_that_cannot_hold_a_document_is_refused() {
    let mut live = catalog();
    live.0.get_mut("orders").unwrap().columns.insert("document".into(), column(ColumnType::Date));
    assert_eq!(finding(&declaration(), &live).0, "document");
}

/// The declaration with one more column of this type, which is mapped to this value.
fn with(name: &str, column_type: ColumnType, value: &str) -> (Table, Catalog) {
    let (mut declared, mut live) = (declaration(), catalog());
    declared.columns.insert(name.into(), ValueOf::parse(value).unwrap());
    live.0.get_mut("orders").unwrap().columns.insert(name.into(), column(column_type));
    (declared, live)
}

/// The cell that a value of the message becomes in a column of this type.
fn cell(column_type: ColumnType, value: &str) -> String {
    let (declared, live) = with("a", column_type, value);
    let mapping = Mapping::new(&declared, &live).unwrap();
    format!("{:?}", mapping.row(&document(&json!({"track": "T"}))).unwrap().cells[0])
}

#[test]
fn a_column_may_take_a_value_of_the_message() {
    let text = |text: &str| format!("{:?}", Cell::Text(text.into()));
    for (value, expected) in [
        ("@published", "2026-01-31T09:00:00.123456Z"),
        ("@deliveries", "3"),
        ("@sequence", "128498"),
        ("@subject", "order"),
        ("@stream", "ORDERS"),
        ("@subject.1", "order"),
        ("@id", "ORDERS:128498"),
        ("@digest", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("@header.CE-ID", "9f1c"),
    ] {
        assert_eq!(cell(TEXT, value), text(expected), "{value}");
    }
    let microseconds = Cell::Timestamp(datetime!(2026-01-31 09:00:00.123456 UTC));
    assert_eq!(cell(ColumnType::Timestamp, "@published"), format!("{microseconds:?}"));
    assert_eq!(cell(ColumnType::Int, "@deliveries"), format!("{:?}", Cell::Int(3)));
    assert_eq!(cell(ColumnType::BigInt, "@sequence"), format!("{:?}", Cell::Int(128_498)));
}

#[test]
fn a_header_and_a_token_of_the_subject_fit_their_columns_as_a_text_of_the_document_does() {
    let time = Cell::Timestamp(datetime!(2026-01-03 10:00 UTC));
    assert_eq!(cell(ColumnType::Timestamp, "@header.ce-time"), format!("{time:?}"));
    let null = format!("{:?}", Cell::Null);
    for absent in ["@header.ce-type", "@subject.2"] {
        assert_eq!(cell(TEXT, absent), null, "{absent}");
    }
    let (declared, live) = with("a", ColumnType::BigInt, "@header.ce-id");
    let mapping = Mapping::new(&declared, &live).unwrap();
    let detail = mapping.row(&document(&json!({"track": "T"}))).unwrap_err().detail;
    assert_eq!(detail, "`@header.ce-id` (column `orders.a`) must be a 64-bit integer");
}

#[test]
fn a_name_that_no_header_and_no_token_can_have_is_refused() {
    for value in ["@header.", "@header.a:b", "@header.a b", "@subject.0", "@subject.x", "@subject."]
    {
        assert!(ValueOf::parse(value).unwrap_err().contains(value), "{value}");
    }
}

#[test]
fn a_child_may_take_a_value_of_the_message_too() {
    let (mut declared, mut live) = (declaration(), catalog());
    declared.children[0].columns.insert("at".into(), ValueOf::parse("@sequence").unwrap());
    let items = live.0.get_mut("items").unwrap();
    items.columns.insert("at".into(), column(ColumnType::BigInt));
    let mapping = Mapping::new(&declared, &live).unwrap();
    let document = document(&json!({"track": "T", "items": [{}, {}]}));
    let row = mapping.row(&document).unwrap();
    let at = Cell::Int(128_498);
    assert_eq!(row.children[0], [at.clone(), Cell::Null, at, Cell::Null]);
}

#[test]
fn a_value_of_the_message_that_does_not_fit_its_column_is_a_rejection_of_its_own_name() {
    let rejected = |column_type, value, document: &Document| {
        let (declared, live) = with("a", column_type, value);
        Mapping::new(&declared, &live).unwrap().row(document).unwrap_err().detail
    };
    let order = document(&json!({"track": "T"}));
    let detail = rejected(ColumnType::SmallInt, "@sequence", &order);
    assert_eq!(detail, "`@sequence` (column `orders.a`) must be a 16-bit integer");
    rejected(ColumnType::Text { max: Some(5) }, "@stream", &order);
    let subject = "order\0".to_owned();
    let odd = Message { subject, ..order.message().clone() };
    rejected(TEXT, "@subject", &Document::new(odd, order.json().clone()));
    let late = document_of(json!({"track": "T"}), datetime!(9999-12-31 23:59:59 -01:00));
    rejected(ColumnType::Timestamp, "@published", &late);
}

#[test]
fn a_value_that_the_message_does_not_have_is_refused_with_those_it_has() {
    let message = ValueOf::parse("@publisher").unwrap_err();
    let known = "@published, @deliveries, @subject, @stream, @sequence, @id, @digest, @header.NAME, \
                 @subject.1";
    assert_eq!(
        message,
        format!("`@publisher` is not a value of a message; the values are {known}")
    );
    assert_eq!(ValueOf::parse("@stream").unwrap(), ValueOf::Message(Metadata::Stream));
}

#[test]
fn a_column_that_can_never_hold_its_value_of_the_message_is_found() {
    for (column_type, value) in [
        (ColumnType::Date, "@published"),
        (ColumnType::BigInt, "@published"),
        (ColumnType::Boolean, "@deliveries"),
        (ColumnType::Timestamp, "@sequence"),
        (ColumnType::Uuid, "@subject"),
        (ColumnType::Json, "@stream"),
    ] {
        let (declared, live) = with("a", column_type, value);
        let (key, message) = finding(&declared, &live);
        assert_eq!(key, "columns.a");
        assert!(message.contains(&format!("cannot hold `{value}`")), "{message}");
    }
}

#[test]
fn the_column_of_the_commit_is_a_time_that_the_database_gives() {
    let declared = Table { stored: Some("stored_at".into()), ..declaration() };
    let with = |change: fn(&mut CatalogColumn)| {
        let mut live = catalog();
        let mut stored = column(ColumnType::Timestamp);
        stored.default = Some("now()".into());
        change(&mut stored);
        live.0.get_mut("orders").unwrap().columns.insert("stored_at".into(), stored);
        live
    };
    assert!(Mapping::new(&declared, &with(|_| ())).is_ok());
    let (key, message) = finding(&declared, &catalog());
    assert_eq!((&*key, &*message), ("stored", "column `stored_at` not found in table `orders`"));
    let undefaulted = finding(&declared, &with(|stored| stored.default = None));
    assert!(undefaulted.1.contains("`orders.stored_at` gets no value"), "{undefaulted:?}");
    let text = finding(&declared, &with(|stored| stored.column_type = Some(TEXT)));
    assert_eq!(text.0, "stored");
    assert!(text.1.contains("`orders.stored_at` is `"), "{text:?}");
}

#[test]
fn fields_are_the_key_and_the_indexed_columns_of_a_type_that_compares_as_text() {
    let mut live = catalog();
    let orders = live.0.get_mut("orders").unwrap();
    orders.columns.insert("uid".into(), column(ColumnType::Uuid));
    orders.columns.insert("at".into(), column(ColumnType::Timestamp));
    orders.columns.insert("customer".into(), column(TEXT));
    orders.columns.insert("shop".into(), column(ColumnType::Int));
    for name in ["uid", "at", "shop", "id", "amount"] {
        orders.indexed.insert(name.into(), format!("orders_{name}"));
    }
    let mapping = Mapping::new(&declaration(), &live).unwrap();
    let fields: Vec<_> = mapping.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["track", "shop", "uid"]);
    assert_eq!(mapping.field_place("uid").unwrap(), 2);
    let error = mapping.field_place("customer").unwrap_err().to_string();
    assert!(error.contains("`customer`") && error.contains("track, shop, uid"), "{error}");
}

#[test]
fn a_value_is_looked_for_in_the_form_that_its_field_holds() {
    let mut live = catalog();
    let orders = live.0.get_mut("orders").unwrap();
    orders.columns.insert("uid".into(), column(ColumnType::Uuid));
    orders.columns.insert("shop".into(), column(ColumnType::SmallInt));
    for name in ["uid", "shop"] {
        orders.indexed.insert(name.into(), format!("orders_{name}"));
    }
    let mapping = Mapping::new(&declaration(), &live).unwrap();
    let [track, shop, uid] = &mapping.fields[..] else { panic!("{:?}", mapping.fields) };
    let fit = |field: &Field, value: &str| field.fit(value).map(|key| key.to_string());
    assert_eq!(fit(track, "T 1").as_deref(), Some("T 1"));
    assert_eq!(fit(track, "T\0"), None);
    assert_eq!(fit(shop, "7").as_deref(), Some("7"));
    assert_eq!((fit(shop, "32768"), fit(shop, "seven"), fit(shop, "")), (None, None, None));
    let canonical = "01234567-89ab-cdef-0123-456789abcdef";
    let loud = "01234567-89AB-CDEF-0123-456789ABCDEF";
    assert_eq!(fit(uid, loud).as_deref(), Some(canonical));
    assert_eq!(fit(uid, "0123456789abcdef0123456789abcdef"), None);
}

//! The mapping as a sink uses it: declaration + catalog → rows or findings.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::{
    Catalog, CatalogColumn, CatalogTable, Cell, ColumnType, Key, Mapping, Pointer, Table,
};
use serde_json::json;

const TEXT: ColumnType = ColumnType::Text { max: None };

fn column(column_type: ColumnType) -> CatalogColumn {
    CatalogColumn {
        column_type: Some(column_type),
        declared: column_type.to_string(),
        required: false,
        generated_always: false,
        nullable: false,
        default: None,
        missing_privilege: None,
        deterministic: true,
    }
}

fn table(columns: &[(&str, ColumnType)]) -> CatalogTable {
    let columns = columns.iter().map(|(name, of)| ((*name).to_owned(), column(*of))).collect();
    CatalogTable { columns, unique: BTreeSet::from(["track".to_owned()]) }
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

/// Key and message of the only finding.
fn finding(table: &Table, catalog: &Catalog) -> (String, String) {
    let findings = Mapping::new(table, catalog).unwrap_err();
    assert_eq!(findings.len(), 1, "{findings:?}");
    (findings[0].key.clone(), findings[0].message.clone())
}

#[test]
fn a_document_becomes_one_row_and_a_row_per_element() {
    let json = json!({"track": "T1", "payment": {"amount": "18.17"}, "items": [{"price": 1}, {}]});
    let mapping = mapping();
    let row = mapping.row(&json).unwrap();
    assert_eq!(row.key, Key::Text("T1".into()));
    assert!(matches!(row.cells[..], [Cell::Decimal(_), Cell::Text(_)]), "sorted by column");
    assert!(matches!(row.children[0][..], [Cell::Decimal(_), Cell::Null]));
}

#[test]
fn missing_and_null_members_become_null_and_no_rows() {
    for json in [json!({"track": "T"}), json!({"track": "T", "payment": null, "items": null})] {
        let mapping = mapping();
        let row = mapping.row(&json).unwrap();
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
        let detail = mapping().row(&json).unwrap_err().detail;
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
        assert!(mapping().row(&json).is_err());
    }
    assert!(mapping().row(&json!({"track": "x".repeat(2_048)})).is_ok());
}

#[test]
fn what_the_database_lacks_is_found_at_its_key() {
    let mut gone = catalog();
    gone.0.remove("items");
    assert_eq!(finding(&declaration(), &gone).0, "children.0.name");

    let mut declared = declaration();
    declared.columns.insert("sale".into(), Pointer::parse("/sale").unwrap());
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
        let detail = mapping.row(&json).unwrap_err().detail;
        assert!(detail.contains("`orders.amount`") && detail.contains("not missing"), "{detail}");
    }
}

#[test]
fn a_document_cannot_make_rows_without_bound() {
    let mapping = mapping();
    let document = |items: usize| json!({"track": "T", "items": vec![json!({}); items]});
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
fn keys_are_printed_as_the_database_prints_them() {
    let uuid = Key::Uuid(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    assert_eq!(uuid.to_string(), "01234567-89ab-cdef-0123-456789abcdef");
    assert_eq!(Key::Int(-7).to_string(), "-7");
}

#[test]
fn a_key_must_be_unique_deterministic_and_of_a_key_type() {
    let mut live = catalog();
    live.0.get_mut("orders").unwrap().unique.clear();
    assert!(finding(&declaration(), &live).1.contains("not unique"));

    let mut live = catalog();
    live.0.get_mut("orders").unwrap().columns.get_mut("track").unwrap().deterministic = false;
    assert!(finding(&declaration(), &live).1.contains("takes different texts for equal"));

    let mut live = catalog();
    let numeric = column(ColumnType::Numeric { limit: None });
    live.0.get_mut("orders").unwrap().columns.insert("track".into(), numeric);
    assert!(finding(&declaration(), &live).1.contains("key column"));
}

#[test]
fn a_document_column_that_would_change_the_document_is_refused() {
    let mut live = catalog();
    live.0.get_mut("orders").unwrap().columns.insert("document".into(), column(ColumnType::Jsonb));
    assert_eq!(finding(&declaration(), &live).0, "document");
}

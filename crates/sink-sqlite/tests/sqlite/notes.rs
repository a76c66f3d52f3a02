//! Notes with lines, on tables to which rules are added.

use l0_stage::{Blame, Error, Outcome, Why, Writer};
use l0_testkit::write;
use serde_json::json;

use crate::support::{Shop, document, refused};

/// Notes with a key, a few columns that documents fill, and lines.
pub fn notes(columns: &str, more: &str) -> Shop {
    let sql = format!(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, k TEXT NOT NULL UNIQUE, a TEXT,
             n INTEGER, d TEXT NOT NULL{columns});
         CREATE TABLE lines (note INTEGER NOT NULL REFERENCES notes (id), text TEXT, sku TEXT);
         {more}"
    );
    let table = json!({
        "name": "notes", "id": "id", "key": "k", "document": "d",
        "columns": {"k": "/k", "a": "/a", "n": "/n"},
        "children": [
            {"name": "lines", "parent": "note", "each": "/l", "columns": {"text": "/t", "sku": "/s"}},
        ],
    });
    Shop::with(&sql, table)
}

pub async fn writer(shop: &Shop) -> Box<dyn Writer> {
    shop.sink().await.writer().await.unwrap()
}

/// Writes one document.
pub async fn put(writer: &mut dyn Writer, payload: &str) -> Result<Vec<Outcome>, Error> {
    write(writer, &[document(payload)]).await
}

/// Asserts that the document is refused, and whose fault that is.
pub async fn blamed(
    writer: &mut dyn Writer,
    payload: &str,
    blame: Blame,
    may_pass: bool,
) -> String {
    let refusal = refused(put(writer, payload).await);
    assert_eq!((refusal.blame, refusal.may_pass), (blame, may_pass), "{refusal:?}");
    assert!(!refusal.rejection.detail.contains("unspeakable"), "{refusal:?}");
    assert!(!refusal.rule.contains("unspeakable"), "{refusal:?}");
    refusal.rejection.detail
}

/// Asserts that no document is to blame, so that the batch waits.
pub async fn waits(writer: &mut dyn Writer, payload: &str) {
    let answer = put(writer, payload).await;
    assert!(matches!(answer, Err(Error::Retryable { why: Why::Mismatch, .. })), "{answer:?}");
}

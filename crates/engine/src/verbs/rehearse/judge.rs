//! Compares the outcome of a test's message with what the test expects.

use l0_stage::Rejection;
use l0_stage::rehearsal::{Shown, TableRows};
use l0_stage::serde_json::Value;

use super::expected::Expected;
use super::outcome::{Difference, Failed, Judgement, place_of};
use super::place::Place;
use super::refusal::Refusal;
use super::section::{Row, Test};

/// The outcome of a test's message.
pub(super) enum Became {
    /// The document passed. These are its rows.
    Rows(Vec<TableRows>),
    /// The document passed the validation, but its rows cannot be shown, for this reason.
    Unseen(String),
    /// The message was rejected and would become a dead letter.
    Rejected(Rejection),
}

/// Decides whether one test passed. `typed` says whether the types of the columns are known.
pub(super) fn judge(test: &Test, became: &Became, typed: bool) -> Judgement {
    match (&test.rejected, became) {
        (Some(refusal), Became::Rejected(rejection)) => judge_rejection(test, refusal, rejection),
        (Some(refusal), Became::Rows(_)) if !typed && refusal.needs_types() => {
            let code = refusal.name();
            Judgement::Ignored(format!("`{code}` can only be seen with --database"))
        }
        (Some(refusal), Became::Rows(_)) => {
            let code = refusal.name();
            failed(format!("expected the message to be rejected as `{code}`, but it is stored"))
        }
        (Some(refusal), Became::Unseen(why)) if refusal.needs_types() => {
            Judgement::Ignored(why.clone())
        }
        (Some(refusal), Became::Unseen(_)) => {
            let code = refusal.name();
            failed(format!(
                "expected the message to be rejected as `{code}`, but it passes the validation"
            ))
        }
        (None, Became::Rejected(_)) => {
            failed("expected the message to be stored, but it is rejected")
        }
        (None, Became::Unseen(why)) => Judgement::Ignored(why.clone()),
        (None, Became::Rows(rows)) => judge_rows(test, rows),
    }
}

fn failed(message: impl Into<String>) -> Judgement {
    Judgement::Failed(Failed::because(message))
}

fn judge_rejection(test: &Test, expected: &Refusal, rejection: &Rejection) -> Judgement {
    let (expected, found) = (expected.name(), rejection.reason.as_str());
    if found != expected {
        return failed(format!(
            "expected the message to be rejected as `{expected}`, but it is rejected as `{found}`"
        ));
    }
    match (&test.at, place_of(rejection)) {
        (Some(expected), Some(found)) if expected != found => {
            failed(format!("expected the mistake at `{expected}`, but it is at `{found}`"))
        }
        (Some(expected), None) => failed(format!(
            "expected the mistake at `{expected}`, but the rejection names no place"
        )),
        _ => Judgement::Passed,
    }
}

fn judge_rows(test: &Test, tables: &[TableRows]) -> Judgement {
    let mut differences = Vec::new();
    let parent = tables.first().and_then(|table| Some((table, table.rows.first()?)));
    let Some((table, row)) = parent else {
        return failed("expected the message to be stored, but the sink shows no row of it");
    };
    if let Some(expected) = &test.stored {
        compare(&table.table, None, expected, row, &mut differences);
    }
    for (name, expected) in &test.children {
        let table = tables.iter().find(|it| it.table == *name);
        let rows = table.map(|table| table.rows.as_slice()).unwrap_or_default();
        let (wanted, found) = (expected.len(), rows.len());
        if wanted != found {
            return failed(format!(
                "expected {} in `{name}`, but there {} {found}",
                counted(wanted),
                if found == 1 { "is" } else { "are" },
            ));
        }
        for (at, (expected, row)) in expected.iter().zip(rows).enumerate() {
            compare(name, Some(at), expected, row, &mut differences);
        }
    }
    for text in &test.null {
        let place = Place::parse(text);
        let (table, at) = match place.child {
            None => (tables.first(), None),
            Some((name, at)) => (tables.iter().find(|it| it.table == name), Some(at)),
        };
        let row = table.and_then(|it| Some((it, it.rows.get(at.unwrap_or_default())?)));
        let Some((table, row)) = row else {
            return failed(format!("expected `{text}` to be NULL, but there is no such row"));
        };
        let expected = Row::from([(place.column.to_owned(), Expected::Null)]);
        compare(&table.table, at, &expected, row, &mut differences);
    }
    match differences.len() {
        0 => Judgement::Passed,
        1 => Judgement::Failed(Failed { message: "1 value differs".to_owned(), differences }),
        count => {
            Judgement::Failed(Failed { message: format!("{count} values differ"), differences })
        }
    }
}

fn counted(rows: usize) -> String {
    match rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    }
}

fn compare(
    table: &str,
    row: Option<usize>,
    expected: &Row,
    found: &[(String, Shown)],
    differences: &mut Vec<Difference>,
) {
    for (column, expected) in expected {
        let found = found.iter().find(|(name, _)| name == column).map(|(_, value)| value);
        if found.is_some_and(|found| expected.is(found)) {
            continue;
        }
        differences.push(Difference {
            table: table.to_owned(),
            row,
            column: column.clone(),
            expected: expected.to_string(),
            found: found.map_or_else(|| "no such column".to_owned(), |it| seen(expected, it)),
        });
    }
}

/// The found value as text. A note is added if the value would be right in a numeric column.
fn seen(expected: &Expected, found: &Shown) -> String {
    let note = match expected.is_as_number(found) {
        true => ", a text: without --database the column's type is not known",
        false => "",
    };
    format!("{}{note}", told(found))
}

/// A value as people read it: texts in quotes, numbers without.
#[must_use]
pub fn told(value: &Shown) -> String {
    match value {
        Shown::Null => "NULL".to_owned(),
        Shown::Number(digits) => digits.clone(),
        Shown::Boolean(flag) => flag.to_string(),
        Shown::Text(text) | Shown::Untyped(text) | Shown::Uuid(text) => {
            Value::from(text.as_str()).to_string()
        }
        Shown::Time(_) => value.json().as_str().unwrap_or_default().to_owned(),
        Shown::Json(json) => json.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn stored(children: &[(&str, usize)]) -> Test {
        let rows = |(name, count): &(&str, usize)| ((*name).to_owned(), vec![Row::new(); *count]);
        Test {
            name: "a parcel".to_owned(),
            file: None,
            message: None,
            subject: None,
            headers: BTreeMap::new(),
            stored: Some(BTreeMap::new()),
            children: children.iter().map(rows).collect(),
            null: Vec::new(),
            rejected: None,
            at: None,
        }
    }

    fn table(name: &str, count: usize) -> TableRows {
        TableRows { table: name.to_owned(), rows: vec![Vec::new(); count] }
    }

    fn passes(test: &Test, tables: Vec<TableRows>) -> bool {
        matches!(judge(test, &Became::Rows(tables), true), Judgement::Passed)
    }

    #[test]
    fn a_sink_that_shows_no_row_of_a_document_does_not_pass_its_test() {
        assert!(passes(&stored(&[]), vec![table("parcels", 1)]));
        assert!(!passes(&stored(&[]), vec![table("parcels", 0)]));
        assert!(!passes(&stored(&[]), vec![]));
    }

    #[test]
    fn a_table_of_children_that_the_sink_does_not_show_has_no_rows() {
        let parcel = || vec![table("parcels", 1)];
        assert!(!passes(&stored(&[("stops", 1)]), parcel()));
        assert!(passes(&stored(&[("stops", 0)]), parcel()));
        assert!(passes(&stored(&[("stops", 1)]), [parcel(), vec![table("stops", 1)]].concat()));
    }
}

//! The report of `test`.

use std::fmt::Write as _;

use l0_engine::{Difference, Failed, Judgement, Tested, place_of, told};
use l0_stage::Rejection;
use l0_stage::rehearsal::{Shown, TableRows};
use serde_json::{Map, Value, json};

use l0_stage::text::printable;

/// Rows of a table that are shown without `--show`.
const MOST_ROWS: usize = 10;

/// Renders the tests as `cargo test` does, and what is wrong with the failed ones. `show` adds the
/// rows of the others.
pub fn render(tested: &[Tested], show: bool, colored: bool) -> String {
    let plural = if tested.len() == 1 { "" } else { "s" };
    let mut text = format!("running {} test{plural}\n", tested.len());
    for test in tested {
        let (word, color) = match &test.verdict {
            Judgement::Passed => ("ok".to_owned(), 32),
            Judgement::Ignored(why) => (format!("ignored, {}", printable(why)), 33),
            Judgement::Failed(_) => ("FAILED".to_owned(), 31),
        };
        let word = if colored { format!("\u{1b}[{color}m{word}\u{1b}[0m") } else { word };
        let _ = writeln!(text, "test {} ... {word}", printable(&test.name));
        if show && !matches!(test.verdict, Judgement::Failed(_)) {
            outcome(&mut text, test, usize::MAX);
        }
    }
    for test in tested {
        if let Judgement::Failed(failed) = &test.verdict {
            let most = if show { usize::MAX } else { MOST_ROWS };
            failure(&mut text, test, failed, most);
        }
    }
    text
}

fn failure(text: &mut String, test: &Tested, failed: &Failed, most: usize) {
    let Failed { message, differences } = failed;
    let _ = writeln!(text, "\n---- {} ----", printable(&test.name));
    if let Some((file, line)) = &test.place {
        let _ = writeln!(text, " --> {}:{line}", printable(file));
    }
    let _ = writeln!(text, "{}", printable(message));
    for difference in differences {
        let Difference { expected, found, .. } = difference;
        let _ = writeln!(text, "  {}", place(difference));
        let _ = writeln!(text, "    expected {}", printable(expected));
        let _ = writeln!(text, "    found    {}", printable(found));
    }
    outcome(text, test, most);
}

/// `orders.entry`, or `order_items[1].sale`.
fn place(Difference { table, row, column, .. }: &Difference) -> String {
    let row = row.map(|row| format!("[{row}]")).unwrap_or_default();
    format!("{table}{row}.{column}")
}

/// Adds to the text what became of the message.
fn outcome(text: &mut String, test: &Tested, most: usize) {
    if let Some(rejection) = &test.rejection {
        rejected(text, rejection);
    }
    test.rows.iter().for_each(|table| rows(text, table, most));
}

fn rejected(text: &mut String, rejection: &Rejection) {
    let _ = writeln!(text, "  reason {}", rejection.reason.as_str());
    if let Some(at) = place_of(rejection) {
        let _ = writeln!(text, "  at     {}", printable(at));
    }
    let _ = writeln!(text, "  detail {}", printable(&rejection.detail));
}

fn rows(text: &mut String, TableRows { table, rows }: &TableRows, most: usize) {
    let plural = if rows.len() == 1 { "" } else { "s" };
    let _ = writeln!(text, "  {table}: {} row{plural}", rows.len());
    let names = rows.iter().flatten().map(|(name, _)| name.chars().count());
    let width = names.max().unwrap_or_default();
    for (at, row) in rows.iter().enumerate().take(most) {
        for (column, value) in row {
            let number = if rows.len() > 1 { format!("[{at}] ") } else { String::new() };
            let _ = writeln!(text, "    {number}{column:width$} = {}", printable(&told(value)));
        }
    }
    if rows.len() > most {
        let _ = writeln!(text, "    and {} more, with --show", rows.len() - most);
    }
}

/// A test for `--json`.
pub fn json(test: &Tested) -> Value {
    let (outcome, message, differences) = match &test.verdict {
        Judgement::Passed => ("passed", None, &[][..]),
        Judgement::Ignored(why) => ("ignored", Some(why), &[][..]),
        Judgement::Failed(Failed { message, differences }) => {
            ("failed", Some(message), differences.as_slice())
        }
    };
    let rejection = test.rejection.as_ref().map(|rejection| {
        let at = place_of(rejection);
        json!({"reason": rejection.reason.as_str(), "at": at, "detail": rejection.detail})
    });
    json!({
        "name": test.name,
        "file": test.place.as_ref().map(|(file, _)| file),
        "line": test.place.as_ref().map(|(_, line)| line),
        "outcome": outcome,
        "message": message,
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
        "rejection": rejection,
        "tables": test.rows.iter().map(table).collect::<Vec<_>>(),
    })
}

fn difference(difference: &Difference) -> Value {
    let Difference { table, row, column, expected, found } = difference;
    json!({"table": table, "row": row, "column": column, "expected": expected, "found": found})
}

fn table(TableRows { table, rows }: &TableRows) -> Value {
    let value = |(column, value): &(String, Shown)| (column.clone(), value.json());
    let row = |row: &Vec<_>| Value::Object(row.iter().map(value).collect::<Map<_, _>>());
    json!({"table": table, "rows": rows.iter().map(row).collect::<Vec<_>>()})
}

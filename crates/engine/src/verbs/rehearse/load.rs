//! Reads `[[tests]]` and checks them.

use std::collections::BTreeMap;

use l0_stage::Finding;
use l0_stage::rehearsal::TableColumns;

use super::expected::Expected;
use super::number;
use super::place::Place;
use super::refusal::OwnReasons;
use super::section::Test;
use l0_config::{Config, Report, quoted, suggestion};

const SECTION: &str = "tests";

/// Reads `[[tests]]`. Mistakes in its form go into the report. The files that tests name are not
/// read yet.
pub(crate) fn load(config: &Config, own: OwnReasons, report: &mut Report) -> Vec<Test> {
    if !config.has(SECTION) {
        return Vec::new();
    }
    if !config.is_list(SECTION) {
        let finding = Finding::new("", "`tests` must be a list of tables");
        let finding = finding.help("write the header of each test as [[tests]]");
        report.push(config.locate(SECTION, &finding));
        return Vec::new();
    }
    let Some(mut tests) = config.section::<Vec<Test>>(SECTION, &[], report) else {
        return Vec::new();
    };
    for (at, test) in tests.iter_mut().enumerate() {
        take_digits(config, at, test, report);
        let unknown = test.rejected.as_mut().and_then(|refusal| refusal.resolve(own));
        if let Some(finding) = unknown {
            report.push(config.locate(&section(at), &finding));
        }
    }
    let mut first = BTreeMap::new();
    for (at, test) in tests.iter().enumerate() {
        let twice = first.insert(test.name.as_str(), at).map(|_| {
            Finding::new("name", format!("two tests are named `{}`", test.name))
                .help("give one of them another name")
        });
        for finding in check_form(test).into_iter().chain(twice) {
            report.push(config.locate(&section(at), &finding));
        }
    }
    tests
}

/// The path of a test in the configuration: `tests.0`.
pub(super) fn section(at: usize) -> String {
    format!("{SECTION}.{at}")
}

/// Checks the tests of a valid pipeline without a network. It reports missing files, and columns
/// that no document fills.
pub(crate) fn check(
    config: &Config,
    tests: &[Test],
    tables: Option<&[TableColumns]>,
    report: &mut Report,
) {
    for (at, test) in tests.iter().enumerate() {
        let file = check_file(config, test);
        let columns = tables.map(|tables| check_columns(test, tables)).unwrap_or_default();
        for finding in file.into_iter().chain(columns) {
            report.push(config.locate(&section(at), &finding));
        }
    }
}

/// Reads the digits of each number with a fraction from the source text, because a binary float
/// would change the digits.
fn take_digits(config: &Config, at: usize, test: &mut Test, report: &mut Report) {
    let rows = test.children.iter_mut().flat_map(|(table, rows)| {
        let rows = rows.iter_mut().enumerate();
        rows.map(move |(row, values)| (format!("children.{table}.{row}"), values))
    });
    let parent = test.stored.iter_mut().map(|values| ("stored".to_owned(), values));
    for (prefix, values) in parent.chain(rows) {
        for (column, value) in values {
            if *value != Expected::Fraction {
                continue;
            }
            let key = format!("{prefix}.{column}");
            let written = config.written(&format!("{}.{key}", section(at)));
            let digits = written.map(|text| text.replace('_', ""));
            match digits.filter(|digits| number::is_number(digits)) {
                Some(digits) => *value = Expected::Number(digits),
                None => {
                    let finding = Finding::new(key, "the value is not a decimal number");
                    let finding =
                        finding.help("write it in quotes, as the database prints it: `\"NaN\"`");
                    report.push(config.locate(&section(at), &finding));
                }
            }
        }
    }
}

fn check_form(test: &Test) -> Vec<Finding> {
    let Test { file, message, stored, children, null, rejected, at, .. } = test;
    let mut findings = Vec::new();
    let mut refuse = |key: &str, message: &str, help: &str| {
        findings.push(Finding::new(key, message).help(help));
    };
    match (file, message) {
        (None, None) => refuse("", "the test has no message", "add `file` or `message`"),
        (Some(_), Some(_)) => {
            refuse("message", "the test has two messages", "keep `file` or `message`");
        }
        _ => {}
    }
    for (name, value) in &test.headers {
        if !is_header(name, value) {
            let message = format!("`{name}` is not a header");
            let help = "a name is printable ASCII without `:`, a value has no line break";
            refuse(&format!("headers.{name}"), &message, help);
        }
    }
    match (stored, rejected) {
        (None, None) => refuse("", "the test expects nothing", "add `stored` or `rejected`"),
        (Some(_), Some(_)) => refuse(
            "rejected",
            "a message is stored or rejected, not both",
            "keep `stored` or `rejected`",
        ),
        (Some(_), None) if at.is_some() => {
            refuse(
                "at",
                "`at` is set, but the test expects no rejection",
                "remove `at`, or expect `rejected`",
            );
        }
        (None, Some(_)) if at.as_ref().is_some_and(|at| !is_place(at)) => refuse(
            "at",
            "`at` is neither a JSON pointer nor `document`",
            "write a JSON pointer such as `/items/0/price`, or `document` for all of it",
        ),
        (None, Some(_)) if !children.is_empty() || !null.is_empty() => {
            let key = if children.is_empty() { "null" } else { "children" };
            refuse(
                key,
                "the test expects a rejection and rows of the message",
                "remove it, or expect `stored`",
            );
        }
        _ => {}
    }
    for (at, text) in null.iter().enumerate() {
        let place = Place::parse(text);
        if place.value(test).is_some() {
            let message = format!("`{text}` is expected to be NULL and to have a value");
            refuse(&format!("null.{at}"), &message, "keep one of the two");
        }
    }
    findings
}

fn is_header(name: &str, value: &str) -> bool {
    let is_name = |c: char| c.is_ascii_graphic() && c != ':';
    !name.is_empty() && name.chars().all(is_name) && !value.contains(['\r', '\n'])
}

fn is_place(at: &str) -> bool {
    at.starts_with('/') || at == "document"
}

fn check_file(config: &Config, test: &Test) -> Option<Finding> {
    let file = test.file.as_ref()?;
    let error = std::fs::metadata(config.base().join(file)).err()?;
    let finding = Finding::new("file", format!("cannot read `{}`: {error}", file.display()));
    Some(
        finding
            .help("name a file with a message; a relative path starts at the folder of this file"),
    )
}

fn check_columns(test: &Test, tables: &[TableColumns]) -> Vec<Finding> {
    let Some((parent, children)) = tables.split_first() else { return Vec::new() };
    let mut findings = Vec::new();
    let columns = test.stored.iter().flatten();
    findings
        .extend(columns.filter_map(|(name, _)| unknown(parent, name, format!("stored.{name}"))));
    for (name, rows) in &test.children {
        let Some(child) = children.iter().find(|it| it.table == *name) else {
            findings.push(unknown_child(name, children, format!("children.{name}")));
            continue;
        };
        for (at, row) in rows.iter().enumerate() {
            let key = |name: &str| format!("children.{}.{at}.{name}", child.table);
            findings.extend(row.keys().filter_map(|name| unknown(child, name, key(name))));
        }
    }
    for (at, text) in test.null.iter().enumerate() {
        let key = format!("null.{at}");
        match Place::parse(text) {
            Place { child: None, column } => findings.extend(unknown(parent, column, key)),
            Place { child: Some((name, _)), column } => {
                match children.iter().find(|it| it.table == name) {
                    Some(child) => findings.extend(unknown(child, column, key)),
                    None => findings.push(unknown_child(name, children, key)),
                }
            }
        }
    }
    findings
}

fn unknown(table: &TableColumns, column: &str, key: String) -> Option<Finding> {
    let TableColumns { table, columns } = table;
    if columns.iter().any(|known| known == column) {
        return None;
    }
    let known: Vec<_> = columns.iter().map(String::as_str).collect();
    let finding = Finding::new(key, format!("no column `{column}` is mapped in table `{table}`"));
    Some(finding.help(suggestion(column, &known).unwrap_or_default()))
}

fn unknown_child(name: &str, children: &[TableColumns], key: String) -> Finding {
    let known: Vec<_> = children.iter().map(|child| child.table.as_str()).collect();
    let help = match known.as_slice() {
        [] => "no child table is mapped: its rows would have no values".to_owned(),
        known => suggestion(name, known).unwrap_or_else(|| quoted(known)),
    };
    Finding::new(key, format!("no child table `{name}` is mapped")).help(help)
}

use std::collections::BTreeMap;

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_oneof, proptest};

use l0_stage::Blame;

use super::*;

const SOURCES: [Source; 6] = [
    Source::Document,
    Source::Parent,
    Source::Constant,
    Source::Environment,
    Source::Generated,
    Source::Unknown,
];

/// A table whose columns are named after their sources, with one rule `r` over some of them.
fn rules(columns: &[Source], calls_function: bool, has_before_trigger: bool) -> Rules {
    let name = |source: &Source| format!("{source:?}");
    let names: Vec<_> = columns.iter().map(name).collect();
    let table = Table {
        columns: SOURCES.iter().map(|it| (name(it), *it)).collect(),
        checks: BTreeMap::from([("r".into(), Check { columns: names.clone(), calls_function })]),
        foreign_keys: BTreeMap::from([("r".into(), names.clone())]),
        indexes: BTreeMap::from([("r".into(), names.clone())]),
        partition_key: names,
        has_before_trigger,
        ..Table::default()
    };
    let tables = BTreeMap::from([(("s".to_owned(), "t".to_owned()), table)]);
    Rules { tables, ..Rules::default() }
}

fn answer(code: &str, constraint: Option<&str>) -> Answer {
    let owned = |text: &str| Some(text.to_owned());
    Answer {
        code: code.to_owned(),
        schema: owned("s"),
        table: owned("t"),
        constraint: constraint.and_then(owned),
        ..Answer::default()
    }
}

fn word(fault: &Fault) -> &'static str {
    match fault {
        Fault::Refused(refusal) => match (refusal.blame, refusal.may_pass) {
            (Blame::Document, false) => "document",
            (Blame::Document, true) => "document, later",
            (Blame::Unclear, false) => "unclear",
            (Blame::Unclear, true) => "unclear, later",
        },
        Fault::Environment(_) => "environment",
    }
}

fn of(code: &str, columns: &[Source]) -> &'static str {
    word(&blame(&answer(code, Some("r")), &rules(columns, false, false)))
}

#[test]
fn a_rule_is_the_documents_fault_only_as_far_as_it_draws_on_what_it_brought() {
    use Source::{Constant, Document, Environment, Generated, Parent, Unknown};
    for (code, columns, fault) in [
        ("23514", &[Document][..], "document"),
        ("23514", &[Document, Environment], "document"),
        ("23514", &[Environment, Constant], "environment"),
        ("23514", &[Generated], "unclear"),
        ("23514", &[], "environment"),
        ("23505", &[Document, Constant], "document, later"),
        ("23505", &[Document, Environment], "environment"),
        ("23505", &[Environment], "environment"),
        ("23505", &[Document, Generated], "unclear, later"),
        ("23505", &[Document, Parent], "document"),
        ("23505", &[Constant], "environment"),
        ("23P01", &[Document], "document, later"),
        ("23503", &[Document], "document, later"),
        ("23503", &[Document, Environment], "unclear, later"),
        ("23503", &[Parent], "environment"),
        ("54000", &[Document, Environment], "document"),
        ("54000", &[Environment], "environment"),
        ("23514", &[Unknown], "unclear"),
    ] {
        assert_eq!(of(code, columns), fault, "{code} {columns:?}");
    }
}

#[test]
fn a_missing_partition_is_unclear_where_the_document_chose_it_and_else_the_environments() {
    let partition =
        |columns: &[Source]| word(&blame(&answer("23514", None), &rules(columns, false, false)));
    assert_eq!(partition(&[Source::Document]), "unclear");
    assert_eq!(partition(&[Source::Parent]), "environment");
}

#[test]
fn what_a_function_raised_or_a_policy_refused_is_unclear() {
    let none = rules(&[], false, false);
    for code in ["P0001", "SH001", "22P02", "42883", "23505"] {
        let answer = Answer { in_function: true, table: None, ..answer(code, None) };
        assert_eq!(word(&blame(&answer, &none)), "unclear", "{code}");
    }
    let policies = Rules { has_policies: true, ..Rules::default() };
    assert_eq!(word(&blame(&answer("42501", None), &policies)), "unclear");
    assert_eq!(word(&blame(&answer("42501", None), &none)), "environment");
}

#[test]
fn a_table_that_is_not_ours_and_a_sequence_that_is_used_up_are_the_environments() {
    let other = Answer { table: Some("other".into()), ..answer("23505", Some("r")) };
    assert_eq!(word(&blame(&other, &rules(&[Source::Document], false, false))), "environment");
    let used_up = Rules { is_sequence_used_up: true, ..Rules::default() };
    assert_eq!(word(&blame(&answer("22003", None), &used_up)), "environment");
}

#[test]
fn an_empty_value_is_the_documents_fault_in_a_column_that_it_fills() {
    let mut rules = rules(&[], false, false);
    let null = |rules: &Rules, column: &str| {
        let answer = Answer { column: Some(column.to_owned()), ..answer("23502", None) };
        word(&blame(&answer, rules))
    };
    assert_eq!(null(&rules, "Environment"), "environment");
    assert_eq!(null(&rules, "Document"), "environment", "a value that was sent");
    if let Some(table) = rules.tables.values_mut().next() {
        table.left_empty.push("Document".to_owned());
        assert_eq!(null(&rules, "Document"), "document");
    }
}

fn sources() -> impl Strategy<Value = Vec<Source>> {
    prop::collection::vec((0..SOURCES.len()).prop_map(|at| SOURCES[at]), 0..4)
}

proptest! {
    #[test]
    fn any_answer_has_a_fault(
        code in any::<String>(), constraint in any::<Option<bool>>(), in_function in any::<bool>(),
        columns in sources(), calls_function in any::<bool>(), trigger in any::<bool>(),
    ) {
        let name = constraint.map(|known| if known { "r" } else { "unknown" });
        let answer = Answer { in_function, ..answer(&code, name) };
        let _ = blame(&answer, &rules(&columns, calls_function, trigger));
    }

    #[test]
    fn nothing_is_the_documents_that_draws_on_nothing_it_brought(
        code in prop_oneof![Just("23505"), Just("23514"), Just("23503"), Just("23P01"), Just("54000")],
        columns in sources(),
    ) {
        let blamed = of(code, &columns).starts_with("document");
        let is_drawn = columns.contains(&Source::Document)
            || (columns.contains(&Source::Parent) && code.starts_with("23505") | code.starts_with("23P"));
        prop_assert!(!blamed || is_drawn, "{code} {columns:?}");
    }

    #[test]
    fn no_unique_rule_over_a_sequence_buries_a_document(columns in sources()) {
        let with_sequence: Vec<_> = columns.into_iter().chain([Source::Environment]).collect();
        prop_assert!(of("23505", &with_sequence) == "environment");
    }
}

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, sample};

use l0_stage::Blame;

use super::*;
use crate::link::code::{ERROR, TOOBIG};

const SOURCES: [Source; 7] = [
    Source::Document,
    Source::Nothing,
    Source::Parent,
    Source::Constant,
    Source::Environment,
    Source::Generated,
    Source::Unknown,
];

/// A table with one rule of each kind, which is named `it` and reads columns of these sources.
fn rules(sources: &[Source]) -> Rules {
    let columns: Vec<_> = (0..sources.len()).map(|at| format!("c{at}")).collect();
    let rule = vec![Rule { says: "it".into(), columns: columns.clone() }];
    let table = Table {
        columns: columns.iter().cloned().zip(sources.iter().copied()).collect(),
        not_null: rule.clone(),
        checks: rule.clone(),
        unique: rule,
        foreign_keys: vec![columns],
        ..Table::default()
    };
    Rules { tables: vec![table], statements_fit: true, ..Rules::default() }
}

fn answer(code: i32) -> Answer {
    Answer { code, message: "a rule failed: it".into() }
}

/// Whose fault it is, and whether another commit can change it.
fn of(code: i32, rules: &Rules) -> (Option<Blame>, bool) {
    match blame(&answer(code), rules) {
        Fault::Refused(refusal) => (Some(refusal.blame), refusal.may_pass),
        Fault::Environment(_) => (None, false),
    }
}

const DOCUMENT: Option<Blame> = Some(Blame::Document);
const UNCLEAR: Option<Blame> = Some(Blame::Unclear);

#[test]
fn a_unique_index_is_the_documents_only_if_it_fills_all_of_it() {
    use Source::{Constant, Document, Environment, Generated, Nothing, Parent};
    for (sources, expected) in [
        (&[Document][..], (DOCUMENT, true)),
        (&[Document, Constant], (DOCUMENT, true)),
        (&[Document, Parent], (DOCUMENT, false)),
        (&[Document, Environment], (None, false)),
        (&[Constant], (None, false)),
        (&[Constant, Nothing], (UNCLEAR, true)),
        (&[], (None, false)),
        (&[Document, Generated], (UNCLEAR, true)),
        (&[Environment, Generated], (None, false)),
    ] {
        assert_eq!(of(CONSTRAINT_UNIQUE, &rules(sources)), expected, "{sources:?}");
    }
    let mut single = rules(&[Parent]);
    single.tables[0].rows = Some(1);
    assert_eq!(of(CONSTRAINT_UNIQUE, &single), (None, false), "another's row has the new id");
    single.tables[0].rows = Some(2);
    assert_eq!(of(CONSTRAINT_UNIQUE, &single), (DOCUMENT, false));
}

#[test]
fn a_check_is_the_documents_if_it_reads_what_the_mapping_fills() {
    use Source::{Constant, Document, Environment, Generated, Nothing};
    for (sources, expected) in [
        (&[Environment, Document][..], DOCUMENT),
        (&[Nothing], DOCUMENT),
        (&[Environment, Constant], None),
        (&[], None),
        (&[Generated], UNCLEAR),
    ] {
        assert_eq!(of(CONSTRAINT_CHECK, &rules(sources)), (expected, false), "{sources:?}");
    }
    let mut elsewhere = rules(&[Document]);
    elsewhere.checks_elsewhere.push("it".into());
    assert_eq!(of(CONSTRAINT_CHECK, &elsewhere).0, UNCLEAR, "two have that name");
}

#[test]
fn a_null_is_the_documents_only_where_it_left_a_mapped_column_empty() {
    let with = |left_empty: bool, mapped: bool, source| {
        let mut rules = rules(&[source]);
        let column = |is: bool| if is { vec!["c0".to_owned()] } else { Vec::new() };
        (rules.tables[0].left_empty, rules.tables[0].mapped) = (column(left_empty), column(mapped));
        of(CONSTRAINT_NOTNULL, &rules).0
    };
    assert_eq!(with(true, true, Source::Nothing), DOCUMENT);
    assert_eq!(with(false, true, Source::Document), UNCLEAR);
    assert_eq!(with(false, false, Source::Environment), None);
    assert_eq!(with(false, false, Source::Generated), UNCLEAR);
}

#[test]
fn the_only_foreign_key_is_the_documents_if_it_fills_it() {
    use Source::{Constant, Document, Environment};
    assert_eq!(of(CONSTRAINT_FOREIGNKEY, &rules(&[Document, Constant])), (DOCUMENT, true));
    assert_eq!(of(CONSTRAINT_FOREIGNKEY, &rules(&[Document, Environment])), (UNCLEAR, true));
    assert_eq!(of(CONSTRAINT_FOREIGNKEY, &rules(&[Constant])), (UNCLEAR, true));
    let mut two = rules(&[Document]);
    two.tables.push(two.tables[0].clone());
    assert_eq!(of(CONSTRAINT_FOREIGNKEY, &two), (UNCLEAR, true));
}

#[test]
fn what_a_trigger_may_have_done_is_never_the_documents() {
    for code in [CONSTRAINT_UNIQUE, CONSTRAINT_CHECK, CONSTRAINT_NOTNULL, CONSTRAINT_FOREIGNKEY] {
        let mut rules = rules(&[Source::Document]);
        rules.tables[0].may_be_written_by_trigger = true;
        assert_eq!(of(code, &rules).0, UNCLEAR, "{code}");
    }
    assert_eq!(of(CONSTRAINT_TRIGGER, &rules(&[])), (UNCLEAR, false));
}

#[test]
fn an_expression_that_fails_is_unclear_while_the_statements_fit() {
    assert_eq!(of(ERROR, &rules(&[])).0, UNCLEAR);
    let gone = Rules { statements_fit: false, ..rules(&[]) };
    assert_eq!(blame(&answer(ERROR), &gone), Fault::Environment(Why::Mismatch));
    assert_eq!(of(TOOBIG, &gone).0, DOCUMENT);
}

fn any_sources() -> impl Strategy<Value = Vec<Source>> {
    collection::vec(sample::select(&SOURCES[..]), 0..4)
}

fn rule_code() -> impl Strategy<Value = i32> {
    prop_oneof![
        any::<i32>(),
        (0..256_i32, 0..16_i32).prop_map(|(primary, more)| primary | more << 8),
        sample::select(vec![275, 787, 1299, 1555, 1811, 2067, 2579]),
    ]
}

proptest! {
    #[test]
    fn any_refusal_has_one_to_blame(
        code in rule_code(),
        sources in any_sources(),
        message in ".{0,20}",
        fits in any::<bool>(),
        triggers in collection::vec("[a-z]{1,3}", 0..3),
        is_written in any::<bool>(),
    ) {
        let mut rules = rules(&sources);
        (rules.statements_fit, rules.triggers) = (fits, triggers);
        rules.tables[0].may_be_written_by_trigger = is_written;
        let first = blame(&Answer { code, message: message.clone() }, &rules);
        prop_assert_eq!(first, blame(&Answer { code, message }, &rules));
    }

    #[test]
    fn nothing_that_the_document_did_not_bring_buries_it(sources in any_sources(), code in rule_code()) {
        let brought = |it: &Source| matches!(it, Source::Document | Source::Nothing | Source::Parent);
        if !sources.iter().any(brought) && code & 0xff != TOOBIG {
            prop_assert!(of(code, &rules(&sources)).0 != DOCUMENT);
        }
    }

    #[test]
    fn what_is_not_in_the_catalog_is_unclear(sources in any_sources()) {
        for code in [275, 1299, 1555, 2067] {
            let unknown = Answer { code, message: "a rule failed: another".into() };
            let fault = blame(&unknown, &rules(&sources));
            prop_assert!(matches!(fault, Fault::Refused(it) if it.blame == Blame::Unclear));
        }
    }
}

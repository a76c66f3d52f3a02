//! The judge of the fault tests must find every mistake.

use l0_testkit::ledger::{Books, Content, Ledger, Letter};

fn ledger() -> Ledger {
    Ledger::new(1, |key, content| format!("{key} {content:?}").into_bytes())
}

fn confirmed(ledger: &Ledger, key: u64, content: Content) {
    let intent = ledger.intend_exactly(key, content);
    ledger.confirm(intent.number);
}

fn books(documents: &[&'static str], letters: &[(&str, &'static str, &str)]) -> Books {
    Books {
        documents: documents.iter().map(|text| (*text).into()).collect(),
        letters: letters
            .iter()
            .map(|(message, payload, reason)| Letter {
                message: (*message).to_owned(),
                payload: (*payload).into(),
                reason: (*reason).to_owned(),
            })
            .collect(),
    }
}

#[test]
fn kept_promises_are_no_mistakes() {
    let ledger = ledger();
    for (key, content) in [
        (1, Content::Good),
        (1, Content::Good),
        (1, Content::Other(9)),
        (2, Content::Malformed),
        (3, Content::Refused),
    ] {
        confirmed(&ledger, key, content);
    }
    ledger.intend_exactly(4, Content::Good);
    let bad = [("b", "2 Malformed", "invalid_json"), ("c", "3 Refused", "rejected_by_database")];
    let first = [&bad[..], &[("a", "1 Other(9)", "conflict")]].concat();
    assert_eq!(ledger.judge(&books(&["1 Good"], &first)), Vec::<String>::new());
    let unconfirmed = &["1 Good", "4 Good"];
    assert_eq!(ledger.judge(&books(unconfirmed, &first)), Vec::<String>::new());
    let second = [&bad[..], &[("a", "1 Good", "conflict"), ("d", "1 Good", "conflict")]].concat();
    assert_eq!(ledger.judge(&books(&["1 Other(9)"], &second)), Vec::<String>::new());
}

#[test]
fn every_broken_promise_is_one() {
    let ledger = ledger();
    confirmed(&ledger, 1, Content::Good);
    confirmed(&ledger, 2, Content::Violation);
    let letter = ("b", "2 Violation", "schema_violation");
    for (documents, letters, mistake) in [
        (&[][..], &[letter][..], "lost"),
        (&["1 Good", "1 Good"], &[letter], "stored more than once"),
        (&["1 Good", "who?"], &[letter], "invented document"),
        (&["1 Good", "2 Violation"], &[letter], "stored, though"),
        (&["1 Good"], &[], "0 letters"),
        (&["1 Good"], &[letter, letter], "buried twice"),
        (&["1 Good"], &[letter, ("c", "2 Violation", "schema_violation")], "2 letters"),
        (&["1 Good"], &[("b", "2 Violation", "conflict")], "buried as conflict"),
        (&["1 Good"], &[letter, ("a", "1 Good", "rejected_by_database")], "good, but buried"),
        (&["1 Good"], &[letter, ("a", "who?", "invalid_json")], "invented letter"),
    ] {
        let found = ledger.judge(&books(documents, letters)).join("\n");
        assert!(found.contains(mistake), "no `{mistake}` in `{found}`");
    }
}

#[test]
fn two_documents_of_one_key_are_one_too_many() {
    let ledger = ledger();
    confirmed(&ledger, 1, Content::Good);
    confirmed(&ledger, 1, Content::Other(2));
    let found = ledger.judge(&books(&["1 Good", "1 Other(2)"], &[]));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_mix_has_every_class_and_repeats_exact_bytes() {
    let ledger = ledger();
    for _ in 0..20_000 {
        let intent = ledger.intend();
        ledger.confirm(intent.number);
    }
    let totals = ledger.totals();
    assert_eq!((totals.intended, totals.confirmed), (20_000, 20_000));
    assert!((300..900).contains(&totals.repeats), "{totals:?}");
    assert!((75..250).contains(&totals.refused), "{totals:?}");
}

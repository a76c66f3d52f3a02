//! The judge of hostile databases must find every mistake, and its generator must reach every
//! twist.

use std::collections::HashSet;
use std::time::Duration;

use l0_testkit::hostile::{
    Books, Database, Fate, Letter, Message, Plan, Refusal, Row, Schema, Twist,
};

fn message(payload: &'static str, fate: Fate) -> Message {
    Message { payload: payload.into(), fate, parts: 1, swallowed: 0 }
}

fn row(document: &'static str) -> Row {
    Row { document: document.into(), parts: 1 }
}

fn letter(message: &str, payload: &'static str, reason: &str, detail: &str) -> Letter {
    let (message, reason, detail) = (message.to_owned(), reason.to_owned(), detail.to_owned());
    Letter { message, payload: payload.into(), reason, detail, after: Duration::from_secs(9) }
}

/// A good document twice, two contents of one key, one against a rule, and one of unclear fault.
fn published() -> Vec<Message> {
    let rivals = Fate::OneOf(1, Refusal::Conflict);
    vec![
        message("good", Fate::Stored),
        message("good", Fate::Stored),
        message("this", rivals),
        message("that", rivals),
        message("rule", Fate::Buried(Refusal::Rule(Some("small")))),
        message("trigger", Fate::Buried(Refusal::Unexplained)),
    ]
}

fn kept() -> Books {
    let refused =
        |message, payload, detail| letter(message, payload, "rejected_by_database", detail);
    Books {
        rows: vec![row("good"), row("that")],
        letters: vec![
            letter("1", "this", "conflict", ""),
            refused("2", "rule", "constraint `small`"),
            refused("3", "trigger", "P0001"),
        ],
        ..Books::default()
    }
}

/// The verdict after a change of the books.
fn verdict(change: impl FnOnce(&mut Books)) -> String {
    let mut books = kept();
    change(&mut books);
    let schema = Schema::of(Database::Postgres, [Twist::CheckMapped]);
    let verdict = schema.judge(&published(), &books);
    [verdict.mistakes, verdict.missing].concat().join("; ")
}

#[test]
fn kept_promises_are_no_mistakes() {
    assert_eq!(verdict(|_| {}), "");
}

#[test]
fn a_good_document_that_is_lost_buried_doubled_or_halved_is_found() {
    let lost = verdict(|books| drop(books.rows.remove(0)));
    assert!(lost.contains("good, and not stored"), "{lost}");
    let letter = letter("4", "good", "rejected_by_database", "x");
    let buried = verdict(|books| books.letters.push(letter));
    assert!(buried.contains("good, and buried"), "{buried}");
    let doubled = verdict(|books| books.rows.push(row("good")));
    assert!(doubled.contains("more than once"), "{doubled}");
    let halved = verdict(|books| books.rows[0].parts = 0);
    assert!(halved.contains("half a document"), "{halved}");
}

#[test]
fn a_letter_that_is_lost_doubled_hasty_or_untrue_is_found() {
    for at in 0..3 {
        let lost = verdict(|books| drop(books.letters.remove(at)));
        assert!(lost.contains("0 letters for 1 messages"), "{lost}");
    }
    let twice = verdict(|books| books.letters.extend_from_within(1..2));
    assert!(twice.contains("buried twice"), "{twice}");
    let hasty = verdict(|books| books.letters[2].after = Duration::from_millis(500));
    assert!(hasty.contains("already"), "{hasty}");
    let untrue = verdict(|books| books.letters[1].detail = "constraint `other`".to_owned());
    assert!(untrue.contains("not for Rule"), "{untrue}");
    let untrue = verdict(|books| books.letters[0].reason = "rejected_by_database".to_owned());
    assert!(untrue.contains("not for Conflict"), "{untrue}");
    let untrue = verdict(|books| books.letters[2].detail = "its key was held elsewhere".to_owned());
    assert!(untrue.contains("not for Unexplained"), "{untrue}");
}

#[test]
fn a_refused_document_that_is_stored_and_one_that_nobody_published_are_found() {
    let stored = verdict(|books| books.rows.push(row("trigger")));
    assert!(stored.contains("stored 1 times, and refused"), "{stored}");
    let rivals = verdict(|books| books.rows.push(row("this")));
    assert!(rivals.contains("stored beside its rival"), "{rivals}");
    let invented = verdict(|books| books.rows.push(row("nobody's")));
    assert!(invented.contains("invented document"), "{invented}");
}

#[test]
fn a_swallowed_row_must_be_said() {
    let swallowed = Message { swallowed: 1, ..message("good", Fate::Stored) };
    let schema = Schema::of(Database::Postgres, [Twist::ChildSwallowed]);
    let mut books = Books { rows: vec![row("good")], ..Books::default() };
    assert!(!schema.judge(std::slice::from_ref(&swallowed), &books).is_clean());
    books.log = "WARN rows of `parts` were swallowed".to_owned();
    assert!(schema.judge(&[swallowed], &books).is_clean());
}

#[test]
fn a_seed_is_always_the_same_database_and_the_same_documents() {
    let plan = |seed| {
        let schema = Schema::from_seed(seed);
        let plan = Plan::new(&schema);
        let payloads = plan.first.iter().chain(&plan.rest).map(|it| it.payload.clone());
        (schema.sql(), payloads.collect::<Vec<_>>())
    };
    assert_eq!(plan(7), plan(7));
    assert_ne!(plan(7), plan(8));
}

#[test]
fn the_seeds_reach_every_twist_and_none_that_clashes_with_another() {
    let mut reached = HashSet::new();
    for schema in (0..400).map(Schema::from_seed) {
        let twists = &schema.twists;
        reached.extend(twists.iter().map(|twist| (*twist, schema.database == Database::Sqlite)));
        for (at, one) in twists.iter().enumerate() {
            assert!(one.exists_in(schema.database), "{schema:?}");
            assert!(twists[..at].iter().all(|other| !one.clashes(*other)), "{schema:?}");
        }
    }
    for twist in Twist::ALL {
        assert!(reached.contains(&(twist, false)), "{twist:?}");
        let in_sqlite = twist.exists_in(Database::Sqlite);
        assert_eq!(reached.contains(&(twist, true)), in_sqlite, "{twist:?} in SQLite");
    }
}

//! What every validator does.

use std::future::Future;

use l0_stage::text::printable;
use l0_stage::{Document, Rejection, Validator};
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::sink::document;

/// How the suite reaches a validator.
pub trait ValidatorLab: Sized {
    /// Whether this machine has what the validator needs.
    fn is_available() -> bool {
        true
    }

    /// What the validator is made from: a file, a section.
    fn open() -> impl Future<Output = Self>;

    /// A validator of these demands. The suite calls it again.
    fn connect(&self) -> impl Future<Output = Box<dyn Validator>>;

    /// Documents that meet them.
    fn accepted() -> Vec<String>;

    /// Documents that do not, each for another reason, and each with this text wherever it may have one. The
    /// text needs no escaping.
    fn rejected(text: &str) -> Vec<String>;
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! validator_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, ValidatorLab, validator,
            what_meets_the_demands_is_accepted_and_what_does_not_is_rejected
            a_rejection_says_why_in_one_line_and_quotes_nothing
            the_same_document_gets_the_same_answer_however_often_it_is_delivered
            many_workers_at_once_get_the_answers_that_one_gets
            no_document_makes_it_panic
            the_same_demands_have_the_same_hash
        }
    };
}

/// Both kinds are known, or the suite proves nothing.
pub async fn what_meets_the_demands_is_accepted_and_what_does_not_is_rejected<L: ValidatorLab>(
    lab: L,
) {
    let validator = lab.connect().await;
    let (accepted, rejected) = (L::accepted(), L::rejected("x"));
    assert!(!accepted.is_empty() && !rejected.is_empty(), "the lab names documents of both kinds");
    for payload in accepted {
        assert_eq!(validator.validate(&document(&payload)), Ok(()), "{payload}");
    }
    for payload in rejected {
        assert!(validator.validate(&document(&payload)).is_err(), "accepted: {payload}");
    }
}

/// People who may not see the document see the detail.
pub async fn a_rejection_says_why_in_one_line_and_quotes_nothing<L: ValidatorLab>(lab: L) {
    let validator = lab.connect().await;
    for payload in L::rejected("unspeakable") {
        let Rejection { detail, .. } =
            validator.validate(&document(&payload)).expect_err("rejected");
        assert!(!detail.trim().is_empty(), "no detail: {payload}");
        assert!(!detail.contains("unspeakable"), "it quotes the document: {detail}");
        assert_eq!(printable(&detail), detail, "it cannot be printed as it is");
    }
}

/// Neither the time nor the attempt decides: a message that comes again must not change its fate.
pub async fn the_same_document_gets_the_same_answer_however_often_it_is_delivered<
    L: ValidatorLab,
>(
    lab: L,
) {
    let validator = lab.connect().await;
    for payload in all::<L>() {
        let first = validator.validate(&document(&payload));
        for attempt in [1, 2, 1_000] {
            let again = validator.validate(&delivered(&payload, attempt));
            assert_eq!(again, first, "attempt {attempt} of {payload}");
        }
    }
}

/// They share one validator.
pub async fn many_workers_at_once_get_the_answers_that_one_gets<L: ValidatorLab>(lab: L) {
    let validator = lab.connect().await;
    let documents: Vec<_> = all::<L>().iter().map(|payload| document(payload)).collect();
    let answers = || documents.iter().map(|it| validator.validate(it)).collect::<Vec<_>>();
    let alone = answers();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(answers)).collect();
        for worker in workers {
            assert_eq!(worker.join().expect("no panic"), alone);
        }
    });
}

/// Any publisher may send any document.
pub async fn no_document_makes_it_panic<L: ValidatorLab>(lab: L) {
    let validator = lab.connect().await;
    let known: Vec<_> = all::<L>().iter().map(|payload| document(payload).json().clone()).collect();
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let any_object = btree_map(any_name(&known), any_value(), 0..6);
    let checked = TestRunner::new(config).run(&any_object, |members| {
        let payload = Value::Object(Map::from_iter(members)).to_string();
        let _ = validator.validate(&document(&payload));
        Ok(())
    });
    if let Err(failure) = checked {
        panic!("{failure}");
    }
}

/// If it tells one: a person sees that two instances demand the same.
pub async fn the_same_demands_have_the_same_hash<L: ValidatorLab>(lab: L) {
    let (one, two) = (lab.connect().await, lab.connect().await);
    assert_eq!(one.hash(), two.hash());
}

fn all<L: ValidatorLab>() -> Vec<String> {
    [L::accepted(), L::rejected("x")].concat()
}

fn delivered(payload: &str, attempt: u64) -> Document {
    let document = document(payload);
    let (json, mut message) = (document.json().clone(), document.into_message());
    message.origin.attempt = attempt;
    message.origin.published = OffsetDateTime::now_utc();
    Document::new(message, json)
}

/// Names that the documents of the lab have are where a validator looks.
fn any_name(known: &[Value]) -> impl Strategy<Value = String> + use<> {
    let names = known.iter().filter_map(Value::as_object).flat_map(Map::keys).cloned();
    let names: Vec<_> = names.chain(["x".to_owned()]).collect();
    prop_oneof![3 => (0..names.len()).prop_map(move |at| names[at].clone()), 1 => any::<String>()]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

use std::sync::atomic::{AtomicUsize, Ordering};

use l0_stage::{Document, Reason, Rejection, Validator};
use l0_testkit::conformance::{ValidatorLab, validator};

/// Rejects a document without a `name`, and has one fault.
struct Wrong<const FAULT: u8>(usize);

/// Accepts everything.
const BLIND: u8 = 0;
/// Says what the document says.
const TALKATIVE: u8 = 1;
/// Has patience for two attempts.
const IMPATIENT: u8 = 2;
/// Takes every name for a text.
const TRUSTFUL: u8 = 3;
/// Has another hash each time.
const FICKLE: u8 = 4;
/// Has other answers after a while.
const TIRED: u8 = 5;

/// How many documents the tired one has seen.
static SEEN: AtomicUsize = AtomicUsize::new(0);

static MADE: AtomicUsize = AtomicUsize::new(0);

struct Lab<const FAULT: u8>;

impl<const FAULT: u8> ValidatorLab for Lab<FAULT> {
    async fn open() -> Self {
        Self
    }

    async fn connect(&self) -> Box<dyn Validator> {
        Box::new(Wrong::<FAULT>(MADE.fetch_add(1, Ordering::Relaxed)))
    }

    fn accepted() -> Vec<String> {
        vec![r#"{"name":"x"}"#.to_owned()]
    }

    fn rejected(text: &str) -> Vec<String> {
        vec![format!(r#"{{"nom":"{text}"}}"#)]
    }
}

impl<const FAULT: u8> Validator for Wrong<FAULT> {
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        let rejected = |detail: &str| Err(Rejection::new(Reason::SchemaViolation, detail));
        let json = document.json();
        match (FAULT, json.get("name")) {
            (IMPATIENT, _) if document.message().origin.attempt > 2 => rejected("too often"),
            (TIRED, _) if SEEN.fetch_add(1, Ordering::Relaxed) > 4 => rejected("too many"),
            (TRUSTFUL, Some(name)) => {
                name.as_str().expect("a text");
                Ok(())
            }
            (BLIND, _) | (_, Some(_)) => Ok(()),
            (TALKATIVE, None) => rejected(&json.to_string()),
            (_, None) => rejected("no name"),
        }
    }

    fn hash(&self) -> Option<String> {
        (FAULT == FICKLE).then(|| self.0.to_string())
    }
}

#[tokio::test]
#[should_panic(expected = "accepted: ")]
async fn a_validator_that_accepts_everything_is_found() {
    let lab = Lab::<BLIND>;
    validator::what_meets_the_demands_is_accepted_and_what_does_not_is_rejected(lab).await;
}

#[tokio::test]
#[should_panic(expected = "it quotes the document")]
async fn a_validator_that_quotes_a_document_is_found() {
    let lab = Lab::<TALKATIVE>;
    validator::a_rejection_says_why_in_one_line_and_quotes_nothing(lab).await;
}

#[tokio::test]
#[should_panic(expected = "attempt 1000 of")]
async fn a_validator_that_changes_its_mind_is_found() {
    let lab = Lab::<IMPATIENT>;
    validator::the_same_document_gets_the_same_answer_however_often_it_is_delivered(lab).await;
}

#[tokio::test]
#[should_panic(expected = "a text")]
async fn a_validator_that_panics_is_found() {
    validator::no_document_makes_it_panic(Lab::<TRUSTFUL>).await;
}

#[tokio::test]
#[should_panic(expected = "left: ")]
async fn a_validator_whose_hash_says_nothing_is_found() {
    validator::the_same_demands_have_the_same_hash(Lab::<FICKLE>).await;
}

#[tokio::test]
#[should_panic(expected = "too many")]
async fn a_validator_that_changes_its_mind_under_load_is_found() {
    validator::many_workers_at_once_get_the_answers_that_one_gets(Lab::<TIRED>).await;
}

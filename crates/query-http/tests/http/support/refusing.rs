use l0_stage::observe::{Degraded, Symptom, Vitals};
use l0_stage::time::OffsetDateTime;
use serde_json::{Value, json};

/// A rule whose name must stay a text in every answer.
pub const RULE: &str = "orders_\"amount\" <check>\n";

/// Makes a database's rules refuse documents in every possible way.
pub fn refuse(vitals: &mut Vitals) {
    let since = OffsetDateTime::from_unix_timestamp(1_714_555_800).expect("a time");
    let degraded = |symptom, cause: &str, messages| {
        let cause = cause.to_owned();
        Degraded { symptom, cause, messages: Some(messages), since }
    };
    vitals.given_back = 7;
    vitals.degraded = vec![
        degraded(Symptom::GivenBack, RULE, 7),
        degraded(Symptom::Buried, "amount_check", 2),
        degraded(Symptom::KeptOut, "items", 1),
    ];
}

/// The same as the API reports it.
pub fn refused() -> Value {
    let since = "2024-05-01T09:30:00.000Z";
    json!([
        {"code": "given_back", "cause": RULE, "messages": 7, "since": since},
        {"code": "buried", "cause": "amount_check", "messages": 2, "since": since},
        {"code": "kept_out", "cause": "items", "messages": 1, "since": since},
    ])
}

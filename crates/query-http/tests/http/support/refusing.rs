use l0_stage::time::OffsetDateTime;
use l0_stage::{Degraded, Vitals};
use serde_json::{Value, json};

/// A rule whose name no answer may take for anything but a text.
pub const RULE: &str = "orders_\"amount\" <check>\n";

/// A database whose rules refuse documents in every way there is.
pub fn refuse(vitals: &mut Vitals) {
    let since = OffsetDateTime::from_unix_timestamp(1_714_555_800).expect("a time");
    let degraded =
        |what, rule: &str, messages| Degraded { what, rule: rule.to_owned(), messages, since };
    vitals.given_back = 7;
    vitals.degraded = vec![
        degraded("given_back", RULE, 7),
        degraded("buried", "amount_check", 2),
        degraded("kept_out", "items", 1),
    ];
}

/// The same as the API tells it.
pub fn refused() -> Value {
    let since = "2024-05-01T09:30:00.000Z";
    json!([
        {"code": "given_back", "rule": RULE, "messages": 7, "since": since},
        {"code": "buried", "rule": "amount_check", "messages": 2, "since": since},
        {"code": "kept_out", "rule": "items", "messages": 1, "since": since},
    ])
}

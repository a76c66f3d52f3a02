//! The reason for which a test expects a rejection.

use std::borrow::Cow;

use l0_config::{nearest, quoted};
use l0_stage::serde_json::{Value, json};
use l0_stage::{Finding, Reason};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Reasons as [`Plugin::REASONS`](l0_stage::Plugin::REASONS) has them.
pub(crate) type Reasons = &'static [(&'static str, &'static str)];

/// The engine's reasons for which a message can be rejected if no other document has been stored,
/// each with what it means.
const OF_ENGINE: [(Reason, &str); 5] = [
    (
        Reason::InvalidJson,
        "Not well-formed: not UTF-8, not a JSON object, nested too deep, a duplicate key, or a NUL\ncharacter.",
    ),
    (Reason::TooLarge, "Larger than the pipeline's limit for one document."),
    (Reason::SchemaViolation, "The validation stage refused it."),
    (Reason::UnfitValue, "A value does not fit the column it is mapped to."),
    (Reason::RejectedByDatabase, "The database refused it."),
];

/// The reasons of their own that the stages of a pipeline have. A source has none here: a test's
/// message does not pass it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OwnReasons {
    pub validator: Reasons,
    pub sink: Reasons,
}

/// The reason that a test expects, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Refusal {
    name: String,
    /// Whether the sink gives it, and may need its database for that.
    is_of_sink: bool,
}

impl From<String> for Refusal {
    fn from(name: String) -> Self {
        let of_sink = [Reason::UnfitValue, Reason::RejectedByDatabase].map(Reason::as_str);
        Self { is_of_sink: of_sink.contains(&&*name), name }
    }
}

impl Refusal {
    /// The name of the reason, as the dead letter has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the test may need the types of the columns, or the database, to see this reason.
    pub(super) fn needs_types(&self) -> bool {
        self.is_of_sink
    }

    /// Notes which stage gives the reason. If no stage has it, the finding says which there are.
    pub(super) fn resolve(&mut self, own: OwnReasons) -> Option<Finding> {
        let has = |reasons: Reasons| reasons.iter().any(|(name, _)| *name == self.name);
        if has(own.sink) {
            self.is_of_sink = true;
            return None;
        }
        let engine = OF_ENGINE.iter().map(|(reason, _)| reason.as_str());
        let of_stages = own.validator.iter().chain(own.sink).map(|(name, _)| *name);
        let known: Vec<_> = engine.chain(of_stages).collect();
        if known.contains(&&*self.name) {
            return None;
        }
        let message =
            format!("no stage of this pipeline rejects a test's message as `{}`", self.name);
        let near = nearest(&self.name, &known).map(|near| format!("did you mean `{near}`? "));
        let help = format!("{}known here: {}", near.unwrap_or_default(), quoted(&known));
        Some(Finding::new("rejected", message).help(help))
    }
}

/// The engine's reasons. `offer` adds those of the stages that a binary has.
impl JsonSchema for Refusal {
    fn schema_name() -> Cow<'static, str> {
        "Refusal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let choices = OF_ENGINE.map(|(reason, meaning)| choice(reason.as_str(), meaning));
        json_schema!({"oneOf": choices})
    }
}

fn choice(name: &str, meaning: &str) -> Value {
    json!({"const": name, "description": meaning, "type": "string"})
}

/// Adds reasons of stages to the schema of `[[tests]]`, each once, so that an editor knows them.
pub(crate) fn offer(
    tests: &mut Value,
    reasons: impl Iterator<Item = (&'static str, &'static str)>,
) {
    let Some(Value::Array(choices)) = tests.pointer_mut("/items/properties/rejected/oneOf") else {
        return;
    };
    for (name, meaning) in reasons {
        if choices.iter().all(|known| known["const"] != name) {
            choices.push(choice(name, meaning));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: OwnReasons = OwnReasons {
        validator: &[("too_cold", "Below the least that a station measures.")],
        sink: &[("no_such_bin", "Its bin is not open.")],
    };

    fn resolved(name: &str) -> (Refusal, Option<Finding>) {
        let mut refusal = Refusal::from(name.to_owned());
        let finding = refusal.resolve(OWN);
        (refusal, finding)
    }

    #[test]
    fn a_reason_of_the_sink_may_need_its_database_and_no_other_does() {
        for (name, needs) in [
            ("unfit_value", true),
            ("rejected_by_database", true),
            ("no_such_bin", true),
            ("too_cold", false),
            ("schema_violation", false),
        ] {
            let (refusal, finding) = resolved(name);
            assert_eq!((refusal.needs_types(), finding), (needs, None), "{name}");
        }
    }

    #[test]
    fn a_reason_that_no_stage_has_is_a_finding_with_those_that_exist() {
        let finding = resolved("too_warm").1.unwrap();
        assert_eq!(
            finding.message,
            "no stage of this pipeline rejects a test's message as `too_warm`"
        );
        let help = resolved("conflict").1.unwrap().help.unwrap();
        assert!(help.contains("`too_cold`") && help.contains("`no_such_bin`"), "{help}");
    }
}

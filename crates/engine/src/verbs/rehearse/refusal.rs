//! The key `rejected` of a test: the reason for which it expects a rejection.

use std::borrow::Cow;

use l0_config::{nearest, quoted};
use l0_stage::serde_json::{Value, json};
use l0_stage::{Finding, Reason};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Reasons in the form of [`Plugin::REASONS`](l0_stage::Plugin::REASONS): pairs of a name and its
/// meaning.
pub(crate) type Reasons = &'static [(&'static str, &'static str)];

/// The engine's own reasons that a test can expect, each with its meaning. A conflict is not among
/// them, because a test stores no other document.
const OF_ENGINE: [(Reason, &str); 5] = [
    (
        Reason::InvalidJson,
        "The payload is not well-formed: it is not UTF-8 or not a JSON object, is nested too deep, or has a duplicate key \
         or a NUL character.",
    ),
    (Reason::TooLarge, "The payload is larger than the pipeline's limit for one document."),
    (Reason::SchemaViolation, "The validation stage refused the document."),
    (Reason::UnfitValue, "A value of the document does not fit the column that it is mapped to."),
    (Reason::RejectedByDatabase, "The database refused the document."),
];

/// The reasons that the stages of a pipeline define themselves. Those of the source are left out,
/// because the message of a test does not pass the source.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OwnReasons {
    pub validator: Reasons,
    pub sink: Reasons,
}

/// The name of the reason that a test expects.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Refusal {
    name: String,
    /// Whether the sink gives this reason, for which it may need its database.
    is_of_sink: bool,
}

impl From<String> for Refusal {
    fn from(name: String) -> Self {
        let of_sink = [Reason::UnfitValue, Reason::RejectedByDatabase].map(Reason::as_str);
        Self { is_of_sink: of_sink.contains(&&*name), name }
    }
}

impl Refusal {
    /// The name of the reason, as dead letters store it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this reason may appear only if the types of the columns are known, or only with the
    /// database.
    pub(super) fn needs_types(&self) -> bool {
        self.is_of_sink
    }

    /// Finds out which stage gives the reason. Returns a finding with the known reasons if no stage
    /// gives it.
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
        let help = format!("{}known names: {}", near.unwrap_or_default(), quoted(&known));
        Some(Finding::new("rejected", message).help(help))
    }
}

/// The schema allows the engine's reasons. `offer` adds the reasons of the stages that a binary
/// has.
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

/// Adds the reasons of stages to the schema of `[[tests]]`, so that editors suggest them.
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

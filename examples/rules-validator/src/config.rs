//! `[validate.rules]`: the keys of the section, and what can be wrong with them.

use l0_stage::schemars::JsonSchema;
use l0_stage::serde::Deserialize;
use l0_stage::{Context, Error, Finding, Plugin, Validator};

use crate::rules::{OUT_OF_RANGE, Rules};

/// `[validate.rules]`: what a document must have, and within which bounds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub struct RulesConfig {
    /// JSON pointers: each must lead to a value, and not to null.
    #[serde(default)]
    pub(crate) required: Vec<String>,
    /// Bounds of numbers.
    #[serde(default)]
    pub(crate) ranges: Vec<Range>,
}

/// The bounds of one number.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub(crate) struct Range {
    /// JSON pointer to the number. A document without it is accepted.
    pub at: String,
    /// The least.
    pub min: Option<f64>,
    /// The most.
    pub max: Option<f64>,
}

impl Plugin for RulesConfig {
    const NAME: &'static str = "rules";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    const REASONS: &'static [(&'static str, &'static str)] =
        &[(OUT_OF_RANGE, "A number is not within the bounds that `ranges` gives it.")];
    type Stage = dyn Validator;

    fn check(&self, _: &Context) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.required.is_empty() && self.ranges.is_empty() {
            let help = "name what a document must have in `required`";
            findings.push(Finding::new("", "no rule: every document is accepted").help(help));
        }
        let ranges = self.ranges.iter().map(|range| ("ranges", &range.at));
        for (key, pointer) in self.required.iter().map(|at| ("required", at)).chain(ranges) {
            if !pointer.starts_with('/') {
                let wrong = format!("`{pointer}` is not a JSON pointer");
                findings.push(Finding::new(key, wrong).help("begin it with `/`: `/station`"));
            }
        }
        for Range { at, min, max } in &self.ranges {
            if min.zip(*max).is_some_and(|(min, max)| min > max) {
                findings
                    .push(Finding::new("ranges", format!("no number fits the bounds of `{at}`")));
            }
        }
        findings
    }

    fn summary(&self) -> String {
        format!("{} required values, {} ranges", self.required.len(), self.ranges.len())
    }

    async fn connect(&self, _: &Context) -> Result<Box<dyn Validator>, Error> {
        Ok(Box::new(Rules(self.clone())))
    }
}

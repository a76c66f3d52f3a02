#![doc = include_str!("../README.md")]

use l0_stage::text::short_hash;
use l0_stage::{Context, Document, Error, Finding, Plugin, Reason, Rejection, Validator};

/// `[validate.sample_name]`
#[derive(Debug, Clone, l0_stage::serde::Deserialize, l0_stage::schemars::JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub struct SampleNameConfig {
    /// JSON pointers, each of which must lead to a value.
    required: Vec<String>,
}

impl Plugin for SampleNameConfig {
    const NAME: &'static str = "sample_name";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Validator;

    fn check(&self, _: &Context) -> Vec<Finding> {
        let wrong = self.required.iter().filter(|pointer| !pointer.starts_with('/'));
        let finding = |pointer| Finding::new("required", format!("`{pointer}` is not a JSON pointer"));
        wrong.map(|pointer| finding(pointer).help("begin it with `/`: `/number`")).collect()
    }

    fn summary(&self) -> String {
        format!("{} required values", self.required.len())
    }

    async fn connect(&self, _: &Context) -> Result<Box<dyn Validator>, Error> {
        Ok(Box::new(SampleName(self.clone())))
    }
}

struct SampleName(SampleNameConfig);

impl Validator for SampleName {
    /// Next: your rules in its place. The detail names the place and the rule, and never a value.
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        let missing = self.0.required.iter().find(|at| document.json().pointer(at).is_none());
        match missing {
            None => Ok(()),
            Some(at) => Err(Rejection::new(Reason::SchemaViolation, format!("nothing at {at}"))),
        }
    }

    fn hash(&self) -> Option<String> {
        Some(short_hash(format!("{:?}", self.0).as_bytes()))
    }
}

#![doc = include_str!("../README.md")]

mod absent;
mod detail;
mod schema;
mod template;

use std::path::PathBuf;

use l0_stage::template::Template;
use l0_stage::{Context, Error, Finding, Findings, Plugin, Validator};
use schemars::JsonSchema;
use serde::Deserialize;

/// The section `[validate.json_schema]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct JsonSchemaConfig {
    /// The schema file; a relative path starts at the folder of `pipeline.toml`.
    pub schema: PathBuf,
}

impl Plugin for JsonSchemaConfig {
    const NAME: &'static str = "json_schema";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Validator;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);

    fn check(&self, context: &Context) -> Vec<Finding> {
        schema::compile(&context.path(&self.schema)).err().into_iter().collect()
    }

    fn summary(&self) -> String {
        format!("schema {}", self.schema.display())
    }

    async fn connect(&self, context: &Context) -> Result<Box<Self::Stage>, Error> {
        match schema::compile(&context.path(&self.schema)) {
            Ok(schema) => Ok(Box::new(schema)),
            Err(finding) => Err(Error::permanent(Findings(vec![finding]))),
        }
    }
}

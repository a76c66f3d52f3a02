use glob::Pattern;
use l0_stage::doctor::{Check, Examination};
use l0_stage::text::in_units;
use l0_stage::{Context, Envelope, Error, Finding, Plugin, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::input::{self, STDIN};
use crate::source::FileSource;

/// `[source.file]`: JSON lines, arrays or pretty-printed objects, packed with gzip or not.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FileConfig {
    /// A file, a glob pattern, or `-` for standard input. The matches of a pattern are read in the
    /// order of their names.
    pub path: String,
}

impl Plugin for FileConfig {
    const NAME: &'static str = "file";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Source;

    /// Does not check whether the files exist: they are data, and may come after the configuration.
    fn check(&self, context: &Context) -> Vec<Finding> {
        let Self { path } = self;
        if path.is_empty() {
            let help = "name a file, a pattern, or `-` for standard input";
            return vec![Finding::new("path", "`path` is empty").help(help)];
        }
        if context.path(path).exists() {
            return Vec::new();
        }
        let wrong = Pattern::new(path).err();
        wrong
            .map(|error| Finding::new("path", format!("pattern `{path}` is malformed: {error}")))
            .into_iter()
            .collect()
    }

    /// A line is known by its file and its number. Standard input may be another at the next run.
    fn envelope(&self) -> Envelope {
        Envelope { has_id: self.path != STDIN, has_fixed_time: false, has_headers: false }
    }

    fn summary(&self) -> String {
        match self.path.as_str() {
            STDIN => "standard input".to_owned(),
            path => format!("file {path}"),
        }
    }

    /// Finds the files. Reading begins with the first [`Source::receive`].
    async fn connect(&self, context: &Context) -> Result<Box<dyn Source>, Error> {
        let inputs = input::find(&self.path, context).map_err(Error::permanent)?;
        Ok(Box::new(FileSource::new(inputs, context.max_document_bytes)))
    }

    async fn examine(&self, context: &Context) -> Examination {
        let check = match input::find(&self.path, context) {
            Ok(inputs) => {
                let bytes = inputs.iter().filter_map(|input| input.size).sum();
                Check::fine("files", format!("{} to read, {}", inputs.len(), in_units(bytes)))
            }
            Err(error) => {
                let help = "put a file there that this user may read, or correct `path`";
                Check::trouble("files", Finding::new("path", format!("{error:#}")).help(help))
            }
        };
        vec![check].into()
    }
}

//! `[source.tail]`: the keys of the section, and what can be wrong with them.

use std::path::PathBuf;

use l0_stage::schemars::JsonSchema;
use l0_stage::serde::Deserialize;
use l0_stage::{Context, Error, Finding, Plugin, Source};

use crate::lines::Lines;
use crate::place::PlaceFile;
use crate::source::TailSource;

/// `[source.tail]`: the lines of a file that grows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub struct TailConfig {
    /// The file whose lines are followed, one document each.
    path: PathBuf,
    /// The file in which it is remembered how far the lines are settled; made if it is absent.
    place: PathBuf,
}

impl Plugin for TailConfig {
    const NAME: &'static str = "tail";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Source;

    fn check(&self, context: &Context) -> Vec<Finding> {
        if context.path(&self.path) != context.path(&self.place) {
            return Vec::new();
        }
        let help = "name a file of its own";
        vec![Finding::new("place", "`place` is the file that is followed").help(help)]
    }

    fn summary(&self) -> String {
        format!("lines of {}", self.path.display())
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Source>, Error> {
        let (file, place) = PlaceFile::open(&context.path(&self.place))?;
        let stream = format!("tail:{}", self.path.display());
        let path = context.path(&self.path);
        let lines = Lines::open(&path, stream, place, context.max_document_bytes)?;
        Ok(Box::new(TailSource::new(lines, file)))
    }
}

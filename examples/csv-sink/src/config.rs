//! `[sink.csv]`: the keys of the section, and what can be wrong with them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use l0_stage::schemars::JsonSchema;
use l0_stage::serde::Deserialize;
use l0_stage::{Context, Error, Finding, Plugin, Sink};

use crate::letters::Letters;
use crate::rows::{OWN, Rows};
use crate::sink::CsvSink;

/// `[sink.csv]`: one row per document, and the dead letters in a second file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
pub struct CsvConfig {
    /// The file of the rows; made if it is absent.
    path: PathBuf,
    /// The file of the dead letters; made if it is absent.
    letters: PathBuf,
    /// JSON pointer to the text that identifies a document.
    key: String,
    /// Column = JSON pointer to its value. The columns stand in the order of their names.
    #[serde(default)]
    columns: BTreeMap<String, String>,
}

impl Plugin for CsvConfig {
    const NAME: &'static str = "csv";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Sink;

    fn check(&self, context: &Context) -> Vec<Finding> {
        let mut findings = Vec::new();
        if context.path(&self.path) == context.path(&self.letters) {
            let help = "give the dead letters a file of their own";
            findings.push(Finding::new("letters", "`letters` is the file of the rows").help(help));
        }
        let columns = self.columns.iter().map(|(name, at)| (format!("columns.{name}"), at));
        for (place, pointer) in [("key".to_owned(), &self.key)].into_iter().chain(columns) {
            if !pointer.starts_with('/') {
                let wrong = format!("`{pointer}` is not a JSON pointer");
                findings.push(Finding::new(place, wrong).help("begin it with `/`: `/station`"));
            }
        }
        for name in OWN.into_iter().filter(|name| self.columns.contains_key(*name)) {
            let wrong = format!("every row has a column `{name}` already");
            findings.push(Finding::new(format!("columns.{name}"), wrong).help("rename it"));
        }
        findings
    }

    fn summary(&self) -> String {
        format!("rows in {}, dead letters in {}", self.path.display(), self.letters.display())
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Sink>, Error> {
        let names = self.columns.keys().map(String::as_str);
        let rows = Rows::open(&context.path(&self.path), names)?;
        let letters = Letters::open(&context.path(&self.letters), &context.pipeline)?;
        let pointers = self.columns.values().cloned().collect();
        Ok(Box::new(CsvSink::new(self.key.clone(), pointers, rows, letters)))
    }
}

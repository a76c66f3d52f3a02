//! `[produce]`: a sample document that is published again and again, with new values in some
//! places.

mod file;
mod node;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use l0_intake::cause;
use l0_stage::anyhow::{self, Context as _, anyhow};
use schemars::JsonSchema;
use serde::Deserialize;

use l0_config::{Config, Report};
use node::Node;

/// The section `[produce]`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Section {
    /// The file of the document to publish, relative to the folder of this file.
    sample: PathBuf,
    /// JSON pointers to texts that get a new value in each message. All of them get the same value.
    /// `*` means every element of an array.
    #[serde(default)]
    fresh: Vec<String>,
}

/// The document of `[produce]`, which is published again and again with new values in the places of
/// `fresh`.
#[derive(Debug)]
pub struct Sample {
    document: Node,
    fresh: Vec<String>,
}

/// A copy of the sample that is ready to be published.
#[derive(Debug)]
pub struct Published {
    /// The copy of the sample, as JSON text.
    pub payload: String,
    /// The new value in the copy. Empty if `[produce]` names no places for one.
    pub fresh: String,
}

impl Sample {
    /// # Errors
    /// The mistakes in the section, at their lines.
    pub fn load(config: &Config) -> Result<anyhow::Result<Self>, Report> {
        let mut report = Report::default();
        match config.section("produce", &[], &mut report) {
            Some(section) => Ok(Self::read(section, config)),
            None => Err(report),
        }
    }

    fn read(Section { sample, fresh }: Section, config: &Config) -> anyhow::Result<Self> {
        let file = config.base().join(&sample);
        let text = file::read_one(&file)?;
        let parsed = Node::parse(&text).map_err(|error| anyhow!(cause(text.as_bytes(), &error)));
        let mut document =
            parsed.with_context(|| format!("sample `{}` is not JSON", file.display()))?;
        for pointer in &fresh {
            let texts = document.at(pointer).iter().filter_map(|node| node.text()).count();
            anyhow::ensure!(
                texts > 0,
                "`{pointer}` in `fresh` of [produce] does not point at a text of the sample"
            );
        }
        Ok(Self { document, fresh })
    }

    /// Makes copy number `number` of the sample. Its new value differs from that of every other
    /// copy, also of other calls.
    #[must_use]
    pub fn document(&self, number: u64) -> Published {
        let mut document = self.document.clone();
        let fresh = refresh(&mut document, &self.fresh, &unique(number));
        Published { payload: document.render(), fresh }
    }
}

/// A text that differs for every message of every call: the time in nanoseconds plus `number`, in
/// base 36.
fn unique(number: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut rest = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX).wrapping_add(number);
    let mut digits = String::new();
    while rest > 0 {
        digits.extend(u32::try_from(rest % 36).ok().and_then(|digit| char::from_digit(digit, 36)));
        rest /= 36;
    }
    digits.chars().rev().collect::<String>().to_uppercase()
}

/// Sets all texts that the pointers name to one new value and returns it. The value is the first
/// text without its digits at the end, followed by `_` and `unique`.
fn refresh(document: &mut Node, pointers: &[String], unique: &str) -> String {
    let mut fresh: Option<String> = None;
    for pointer in pointers {
        for node in document.at(pointer) {
            let Some(text) = node.text() else { continue };
            let value = fresh.get_or_insert_with(|| {
                let stem = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
                format!("{stem}_{unique}")
            });
            node.set_text(value);
        }
    }
    fresh.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_value_is_new_in_each_message_and_the_same_within_it() {
        let sample =
            r#"{"uid":"same","track":"T_30","items":[{"track":"A"},{"track":"B","n":1.50}]}"#;
        let document = Node::parse(sample).unwrap();
        let fresh = vec!["/track".to_owned(), "/items/*/track".to_owned()];
        let sample = Sample { document, fresh };
        let published: Vec<_> = (0..3).map(|number| sample.document(number)).collect();
        for Published { payload, fresh } in &published {
            let expected = format!(
                r#"{{"uid":"same","track":"{fresh}","items":[{{"track":"{fresh}"}},{{"track":"{fresh}","n":1.50}}]}}"#
            );
            assert_eq!(*payload, expected);
            assert!(fresh.starts_with("T_"));
        }
        assert!(
            published[0].fresh != published[1].fresh && published[1].fresh != published[2].fresh
        );
    }
}

mod document;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use l0_engine::Needs;
use l0_engine::config::{Config, Report};
use l0_stage::Source;
use serde::Deserialize;

use document::Node;

use super::demo::lay_out;
use crate::cli::{Cli, Produce, ingest};
use crate::exit::Exit;

/// `[produce]`
#[derive(Debug, Deserialize)]
struct Sample {
    /// A document to publish.
    sample: PathBuf,
    /// Pointers to texts that are new in each message and the same within it; `*` is every element.
    #[serde(default)]
    fresh: Vec<String>,
}

/// Publishes sample documents the way a producer does; returns once the source holds them.
pub async fn produce(cli: &Cli, arguments: &Produce) -> Result<ExitCode, Exit> {
    // The demo's files must last until the sample has been read.
    let demo = arguments.demo.then(lay_out).transpose()?;
    let (config, pipeline) = match &demo {
        None => cli.load(Needs::PRODUCE)?,
        Some(demo) => {
            let set: Vec<_> = arguments.ingest.iter().map(|at| ingest(at)).collect();
            cli.load_file(&demo.config(), &set, Needs::PRODUCE)?
        }
    };
    let sample = load_sample(&config, cli)?;
    let Some(stage) = pipeline.source else {
        return Err(Exit::usage("nowhere to publish: the configuration has no [source.*] section"));
    };
    let document =
        read_sample(&sample, &config).map_err(|error| Exit::usage(format!("{error:#}")))?;
    let source: Box<dyn Source> = stage.kind.connect(&pipeline.context).await?;
    let Some(publisher) = source.publisher() else {
        return Err(Exit::usage(format!("[{}] cannot be published to", stage.section)));
    };
    let count = arguments.count.get();
    for number in 0..count {
        let mut document = document.clone();
        refresh(&mut document, &sample.fresh, &unique(number));
        publisher.publish(document.render().into()).await?;
    }
    source.close().await?;
    eprintln!("published {count} to {}", stage.kind.summary());
    if let Some(url) = pipeline.query.and_then(|stage| stage.kind.url()) {
        eprintln!("see them at {url}");
    }
    Ok(ExitCode::SUCCESS)
}

fn load_sample(config: &Config, cli: &Cli) -> Result<Sample, Exit> {
    let mut report = Report::default();
    let sample = config.section("produce", &[], &mut report);
    sample.ok_or_else(|| Exit::invalid(&report, cli.colored()))
}

fn read_sample(sample: &Sample, config: &Config) -> anyhow::Result<Node> {
    let file = config.base().join(&sample.sample);
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read sample `{}`", file.display()))?;
    let mut document =
        Node::parse(&text).with_context(|| format!("sample `{}` is not JSON", file.display()))?;
    for pointer in &sample.fresh {
        let texts = document.at(pointer).iter().filter_map(|node| node.text()).count();
        anyhow::ensure!(texts > 0, "`{pointer}` of [produce] points at no text of the sample");
    }
    Ok(document)
}

/// Different in every message of every call: nanoseconds, counted on, in base 36.
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

/// Gives every text that a pointer names one new value: the stem of the first, and `unique`.
fn refresh(document: &mut Node, pointers: &[String], unique: &str) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_value_is_new_in_each_message_and_the_same_within_it() {
        let sample =
            r#"{"uid":"same","track":"T_30","items":[{"track":"A"},{"track":"B","n":1.50}]}"#;
        let sample = Node::parse(sample).unwrap();
        let pointers = ["/track".to_owned(), "/items/*/track".to_owned()];
        let mut published = Vec::new();
        for number in 0..3 {
            let mut document = sample.clone();
            refresh(&mut document, &pointers, &format!("N{number}"));
            published.push(document.render());
        }
        let expected =
            r#"{"uid":"same","track":"T_N0","items":[{"track":"T_N0"},{"track":"T_N0","n":1.50}]}"#;
        assert_eq!(published[0], expected);
        assert!(published[1].contains("T_N1") && published[2].contains("T_N2"));
        assert_ne!(unique(0), unique(1));
    }
}

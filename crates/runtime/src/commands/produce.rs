use std::num::NonZeroU64;

use clap::Args;
use l0_engine::{Needs, Sample};
use l0_stage::Source;
use serde_json::json;

use super::demo::{ingest, lay_out};
use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Options of `produce`.
#[derive(Debug, Args)]
pub struct Produce {
    /// How many documents to publish
    #[arg(long, default_value = "5", value_name = "N")]
    pub count: NonZeroU64,
    /// Publish to a running `l0-runtime demo`
    #[arg(long)]
    pub demo: bool,
    /// Address where that demo takes documents
    #[arg(long, requires = "demo", value_name = "ADDR")]
    pub ingest: Option<String>,
}

/// Publishes sample documents the way a producer does. Returns once the source has confirmed them.
pub async fn produce(cli: &Cli, arguments: &Produce) -> Result<Answer, Exit> {
    // The demo's files must exist until the sample has been read, so they are held here.
    let demo = arguments.demo.then(lay_out).transpose()?;
    let (config, pipeline) = match &demo {
        None => cli.load(Needs::PRODUCE)?,
        Some(demo) => {
            let set: Vec<_> = arguments.ingest.iter().map(|at| ingest(at)).collect();
            cli.load_file(&demo.config(), &set, Needs::PRODUCE)?
        }
    };
    let sample = Sample::load(&config).map_err(|report| cli.invalid(&report))?;
    let Some(stage) = pipeline.source else {
        return Err(Exit::usage("nowhere to publish: the configuration has no [source.*] section"));
    };
    let sample = sample.map_err(|error| Exit::usage(format!("{error:#}")))?;
    let source: Box<dyn Source> = stage.connect(&pipeline.context).await?;
    let Some(publisher) = source.publisher() else {
        return Err(Exit::usage(format!("[{}] cannot be published to", stage.section)));
    };
    let count = arguments.count.get();
    for number in 0..count {
        publisher.publish(sample.document(number).payload.into()).await?;
    }
    source.close().await?;
    let target = config.printable(&stage.summary());
    let page = pipeline.query.and_then(|stage| stage.url());
    let see = page.iter().map(|url| format!("\nsee them at {url}"));
    let summary = format!("published {count} to {target}{}", see.collect::<String>());
    Ok(Answer::done(summary).with(json!({"published": count, "target": target, "page": page})))
}

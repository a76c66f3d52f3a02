use clap::Args;
use l0_config::Config;
use l0_engine::{Needs, Options, Pipeline};
use tracing::info;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;
use crate::memory;
use crate::program;
use crate::progress;
use crate::signals::stop_on_signals;

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Exit with code 3 if a service is absent at start, instead of waiting for it
    #[arg(long)]
    pub fail_fast: bool,
    /// Exit with code 0 once the input has ended and every document of it is committed
    #[arg(long)]
    pub exit_when_drained: bool,
}

/// Runs the pipeline until a signal.
pub async fn run(cli: &Cli, arguments: &Run) -> Result<Answer, Exit> {
    let (config, pipeline) = cli.load(Needs::RUN)?;
    let options = Options {
        fail_fast: arguments.fail_fast,
        exit_when_drained: arguments.exit_when_drained,
        program: Some(program::name()),
        ..Options::default()
    };
    let stop = stop_on_signals(|| ())
        .map_err(|error| Exit::failed(format!("cannot listen for signals: {error}")))?;
    banner(&config, &pipeline);
    let _bar = progress::show(&options.source);
    let _memory = memory::keep_small();
    l0_engine::run(pipeline, &config, stop, options).await?;
    Ok(Answer::done(""))
}

/// Logs what the pipeline consists of and where its page is.
fn banner(config: &Config, pipeline: &Pipeline) {
    let Pipeline { settings, source, validator, sink, query, observe, .. } = pipeline;
    info!(workers = settings.workers, max_batch = settings.max_batch, "pipeline {}", settings.name);
    if let Some(stage) = source {
        info!("source: {}", config.printable(&stage.summary()));
        if let Some(url) = stage.url() {
            info!("ingest: {url}");
        }
    }
    if let Some(stage) = validator {
        info!("validate: {}", config.printable(&stage.summary()));
    }
    if let Some(stage) = sink {
        info!("sink: {}", config.printable(&stage.summary()));
    }
    if let Some(stage) = query {
        info!("query: {}", config.printable(&stage.summary()));
        if let Some(url) = stage.url() {
            info!("page: {url}");
        }
    }
    if let Some(stage) = observe {
        info!("observe: {}", config.printable(&stage.summary()));
    }
}

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use l0_engine::{Needs, Options, Pipeline};

use crate::answer::Answer;
use crate::cli::Cli;
use crate::demo::{CONFIG, Files, setting};
use crate::exit::Exit;
use crate::memory;
use crate::program;
use crate::signals::stop_on_signals;

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the documents in this SQLite file; default: a temporary file, deleted at exit
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Address of the page
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Address that takes documents
    #[arg(long, value_name = "ADDR")]
    pub ingest: Option<String>,
    /// Print the configuration and exit
    #[arg(long)]
    pub print_config: bool,
}

impl Demo {
    /// The options as overrides of the configuration.
    pub fn overrides(&self) -> Result<Vec<String>, Exit> {
        let mut set = Vec::new();
        if let Some(file) = &self.data {
            let file = std::path::absolute(file)
                .map_err(|error| Exit::usage(format!("--data {}: {error}", file.display())))?;
            let Some(file) = file.to_str() else {
                return Err(Exit::usage(format!("--data {}: not UTF-8", file.display())));
            };
            set.push(setting("sink", "path", file));
        }
        set.extend(self.listen.iter().map(|at| setting("query", "listen", at)));
        set.extend(self.ingest.iter().map(|at| ingest(at)));
        Ok(set)
    }
}

/// The override of the address that takes documents.
pub fn ingest(at: &str) -> String {
    setting("source", "listen", at)
}

/// Runs everything in this process: HTTP ingest, SQLite, the page.
pub async fn demo(cli: &Cli, arguments: &Demo) -> Result<Answer, Exit> {
    if arguments.print_config {
        return Ok(Answer::data(CONFIG).with(CONFIG));
    }
    let demo = lay_out()?;
    let (config, pipeline) = cli.load_file(&demo.config(), &arguments.overrides()?, Needs::RUN)?;
    let folder = demo.folder().to_owned();
    let stop = stop_on_signals(move || drop(std::fs::remove_dir_all(folder)))
        .map_err(|error| Exit::failed(format!("cannot listen for signals: {error}")))?;
    banner(&pipeline, arguments.data.as_deref());
    let _memory = memory::keep_small();
    let options = Options { program: Some(program::name()), ..Options::default() };
    l0_engine::run(pipeline, &config, stop, options).await?;
    Ok(Answer::done(""))
}

pub(super) fn lay_out() -> Result<Files, Exit> {
    Files::lay_out()
        .map_err(|error| Exit::failed(format!("cannot write the demo's files: {error}")))
}

fn banner(pipeline: &Pipeline, data: Option<&Path>) {
    let page = pipeline.query.as_ref().and_then(|stage| stage.url()).unwrap_or_default();
    let ingest = pipeline.source.as_ref().and_then(|stage| stage.url()).unwrap_or_default();
    let data = data.map_or_else(
        || "a temporary file, deleted at exit; --data FILE keeps one".to_owned(),
        |file| file.display().to_string(),
    );
    let _ = writeln!(
        std::io::stderr(),
        "l0-runtime demo: HTTP ingest, JSON Schema, SQLite and the page in this process. No other service.
  page    {page}
  ingest  {ingest}
  data    {data}
Try, in another terminal:
  l0-runtime produce --demo
  curl -i '{page}get-json?id=1'
  curl -i -H 'content-type: application/json' -d '{{\"not\":\"an order\"}}' {ingest}documents
Ctrl-C ends it."
    );
}

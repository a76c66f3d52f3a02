//! `init`: the shipped pipeline, or one that real messages ask for.

mod ask;
mod choice;
mod column;
mod config;
mod decide;
mod expected;
mod files;
mod key;
mod names;
mod plan;
mod pointer;
mod samples;
mod scalar;
mod schema;
mod shape;
mod shipped;
mod sql;
mod summary;
mod toml;
mod tree;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::answer::Answer;
use crate::exit::Exit;
use choice::{Choice, Sink, Source};
use decide::Key;
use files::Files;
use plan::Plan;
use samples::Samples;
use shape::Shape;

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Messages to learn from: JSON documents, JSON lines, or `-` for standard input
    #[arg(long, num_args = 1.., value_name = "FILE")]
    from: Vec<PathBuf>,
    /// What makes a message one, as a JSON pointer; default: the member that looks most like it
    #[arg(long, requires = "from", value_name = "POINTER")]
    key: Option<String>,
    /// Where documents are stored
    #[arg(long, requires = "from", default_value = "sqlite")]
    sink: Sink,
    /// Where messages come from
    #[arg(long, requires = "from", default_value = "http")]
    source: Source,
    /// Name of the pipeline and its table; default: that of the first file
    #[arg(long, requires = "from")]
    name: Option<String>,
    /// Where the files are written
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

/// Writes a pipeline's files.
pub fn init(arguments: &Init) -> Result<Answer, Exit> {
    let Init { from, dir, force, .. } = arguments;
    let made = if from.is_empty() { Ok(ship(dir)) } else { learn(arguments) };
    let (files, answer) = made.map_err(Exit::usage)?;
    files.check(dir, *force).map_err(Exit::usage)?;
    files.write(dir, *force).map_err(Exit::failed)?;
    Ok(answer)
}

/// The shipped pipeline.
fn ship(dir: &Path) -> (Files, Answer) {
    let files = shipped::files();
    let result = json!({"dir": dir.display().to_string(), "files": files.names()});
    let answer = Answer::done(summary::shipped(&files, dir)).with(result);
    (files, answer)
}

/// Everything that the samples ask for.
fn learn(arguments: &Init) -> Result<(Files, Answer), String> {
    let Init { from, dir, sink, source, .. } = arguments;
    let samples = Samples::read(from)?;
    let shape = Shape::of(&samples.messages);
    let choice = Choice { name: name(arguments), source: *source, sink: *sink };
    let may_ask = !from.iter().any(|file| samples::is_stdin(file));
    let key = match &arguments.key {
        Some(text) => decide::named(text, &shape, &samples)?,
        None => decide::likeliest(&choice.name, &shape, &samples, may_ask)?,
    };
    let search = key::searched(&choice.name, &shape, &key.path);
    let plan = Plan::new(&choice.name, &shape, &key.path, &search);
    let files = render(&choice, &plan, &key, &samples);
    let result = json!({
        "dir": dir.display().to_string(),
        "files": files.names(),
        "samples": samples.messages.len(),
        "table": plan.table,
        "children": plan.children.iter().map(|child| &child.table).collect::<Vec<_>>(),
        "key": {"pointer": pointer::of(&key.path), "reason": key.reason},
        "warning": key.warning,
    });
    let summary = summary::learned(&files, dir, &choice, &plan, &key, &samples);
    Ok((files, Answer::done(summary).with(result)))
}

fn render(choice: &Choice, plan: &Plan, key: &Key, samples: &Samples) -> Files {
    let Choice { name, sink, .. } = choice;
    let letters = match sink {
        Sink::Postgres => shipped::POSTGRES_LETTERS,
        Sink::Sqlite => shipped::SQLITE_LETTERS,
    };
    let mut files = Files::default();
    let first = samples.messages.first().unwrap_or(&tree::Json::Null);
    files.add("pipeline.toml", config::render(choice, plan, &key.reason, first));
    files.add("pipeline.schema.json", shipped::EDITOR_SCHEMA);
    files.add(".env.example", config::environment(choice));
    files.add(choice.schema_file(), schema::render(name, plan));
    files.add(choice.sample_file(), format!("{}\n", samples.first));
    let folder = format!("sql/{}", sink.kind());
    files.add(format!("{folder}/0001_{name}.sql"), sql::render(*sink, plan));
    files.add(format!("{folder}/0002_dead_letters.sql"), letters);
    files
}

/// An identifier: it becomes that of a table, and part of file names.
fn name(arguments: &Init) -> String {
    let stem = |file: &PathBuf| Some(file.file_stem()?.to_string_lossy().into_owned());
    let is_file = |file: &&PathBuf| !samples::is_stdin(file);
    let of_file = || {
        let stem = arguments.from.first().filter(is_file).and_then(stem)?;
        // `invoice.sample.json` are samples of invoices.
        Path::new(&stem).file_stem().map(|stem| stem.to_string_lossy().into_owned())
    };
    let wanted = arguments.name.clone().or_else(of_file).unwrap_or_default();
    names::cut(&names::identifier(&[wanted], "documents"), 40).to_owned()
}

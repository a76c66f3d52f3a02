#![doc = include_str!("../README.md")]

mod fit;
mod lay;
mod learn;
mod offer;
mod own_stage;
mod pointer;
mod snake;
mod toml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use l0_stage::existing;
use serde_json::{Value, json};

pub use lay::files::Files;
pub use offer::{Offer, Offers, usual};
pub use own_stage::{ROLES, StageRequest, crate_of_stage};

use lay::choice::Choice;
use lay::plan::Plan;
use lay::{config, names, schema, shipped, sql, summary};
use learn::decide::{self, Identity, Key};
use learn::samples::{self, Samples};
use learn::shape::Shape;
use learn::{key, tree};

/// What the pipeline is made from.
#[derive(Debug)]
pub struct Request<'a> {
    /// Files of messages; `-` is standard input.
    pub from: &'a [PathBuf],
    /// The key: JSON pointers, or one of `@id` and `@digest`. Empty: the likeliest key, or the user is
    /// asked.
    pub key: &'a [String],
    /// The kind of [`Offers::sources`].
    pub source: &'a str,
    /// The kind of [`Offers::sinks`].
    pub sink: &'a str,
    /// The name of the pipeline. `None`: the name of the first file.
    pub name: Option<&'a str>,
    /// The table that exists, if the pipeline is for one.
    pub table: Option<&'a existing::Table>,
    /// Variables that become the defaults of the pipeline: those by which the table was found.
    pub variables: BTreeMap<String, String>,
    /// The folder that the files will be in. It is only shown in texts.
    pub dir: &'a Path,
}

/// A pipeline, or a crate, before its files are written.
#[derive(Debug)]
pub struct Made {
    /// The files to write.
    pub files: Files,
    /// The text for the user.
    pub summary: String,
    /// What was written and decided, for `--json`.
    pub result: Value,
}

/// The shipped pipeline.
#[must_use]
pub fn shipped(dir: &Path) -> Made {
    let files = shipped::files();
    let result = json!({"dir": dir.display().to_string(), "files": files.names()});
    Made { summary: summary::shipped(&files, dir), files, result }
}

/// A pipeline for these samples. It may ask for the key on a terminal.
///
/// # Errors
/// A text for the user: samples that cannot be read or that no pipeline would store, or a member
/// that cannot be the key.
pub fn learn(request: &Request<'_>, offers: &Offers) -> Result<Made, String> {
    let Request { from, dir, .. } = request;
    let samples = Samples::read(from)?;
    let shape = Shape::of(&samples.messages);
    let choice = choose(request, offers)?;
    let (plan, key) = match request.table {
        Some(table) => {
            let missing_id = choice.tables.missing_id;
            let fitted = fit::fit(table, &shape, &samples, request.key, missing_id)?;
            (fitted.plan, fitted.key)
        }
        None => new_tables(request, &choice, &shape, &samples, offers)?,
    };
    let files = render(&choice, &plan, &key, &samples);
    let result = json!({
        "dir": dir.display().to_string(),
        "files": files.names(),
        "samples": samples.messages.len(),
        "table": plan.table,
        "children": plan.children.iter().map(|child| &child.table).collect::<Vec<_>>(),
        "key": {"pointers": pointers(&key.of), "reason": key.reason},
        "warning": key.warning,
    });
    let summary = summary::learned(&files, dir, &choice, &plan, &key, &samples);
    Ok(Made { files, summary, result })
}

/// The configuration by which a sink can be asked for a table that exists. It maps nothing yet, and
/// demands no variable: what cannot be used without one says so itself.
///
/// # Errors
/// A text for the user: no such sink.
pub fn asking(sink: &str, name: &str, offers: &Offers) -> Result<String, String> {
    let choice = Choice {
        name: names::pipeline(name),
        source: *offers.sources.first().ok_or("this binary has no source that `init` can write")?,
        validator: None,
        sink: offers.sink(sink)?.0,
        tables: offers.sink(sink)?.1,
        query: None,
        variables: BTreeMap::new(),
    };
    Ok(config::asking(&choice))
}

/// The plan of tables that the migration creates.
fn new_tables(
    request: &Request<'_>,
    choice: &Choice,
    shape: &Shape,
    samples: &Samples,
    offers: &Offers,
) -> Result<(Plan, Key), String> {
    let may_ask = !request.from.iter().any(|file| samples::is_stdin(file));
    let key = match request.key {
        [] => decide::likeliest(&choice.name, shape, samples, may_ask)?,
        named => decide::named(named, shape, samples)?,
    };
    let search = key::searched(&choice.name, shape, key.of.members());
    let plan = Plan::new(&choice.name, shape, &key.of, &search, &offers.reserved());
    Ok((plan, key))
}

/// The key as `--key` takes it.
fn pointers(key: &Identity) -> Vec<String> {
    match key {
        Identity::Members(paths) => paths.iter().map(|path| pointer::of(path)).collect(),
        Identity::Message(value) => vec![(*value).to_owned()],
    }
}

fn choose(request: &Request<'_>, offers: &Offers) -> Result<Choice, String> {
    let (sink, tables) = offers.sink(request.sink)?;
    Ok(Choice {
        name: name(request),
        source: offers.source(request.source)?,
        validator: usual(&offers.validators).copied(),
        sink,
        tables,
        query: usual(&offers.queries).copied(),
        variables: request.variables.clone(),
    })
}

fn render(choice: &Choice, plan: &Plan, key: &Key, samples: &Samples) -> Files {
    let Choice { name, sink, tables, .. } = choice;
    let mut files = Files::default();
    let first = samples.messages.first().unwrap_or(&tree::Json::Null);
    files.add("pipeline.toml", config::render(choice, plan, &key.reason, first));
    files.add("pipeline.schema.json", shipped::EDITOR_SCHEMA);
    files.add(".env.example", config::environment(choice));
    files.add(choice.schema_file(), schema::render(name, plan));
    files.add(choice.sample_file(), format!("{}\n", samples.first));
    let folder = format!("sql/{}", sink.kind);
    match plan.existing {
        Some(_) => files.add(format!("{folder}/README.md"), sql::NO_MIGRATIONS),
        None => {
            files.add(format!("{folder}/0001_{name}.sql"), sql::render(tables, plan));
            files.add(format!("{folder}/0002_dead_letters.sql"), tables.dead_letters);
        }
    }
    files
}

/// The name as an identifier: it names a table, and is a part of file names.
fn name(request: &Request<'_>) -> String {
    let stem = |file: &PathBuf| Some(file.file_stem()?.to_string_lossy().into_owned());
    let is_file = |file: &&PathBuf| !samples::is_stdin(file);
    let of_file = || {
        let stem = request.from.first().filter(is_file).and_then(stem)?;
        // `invoice.sample.json` holds samples of `invoice`.
        Path::new(&stem).file_stem().map(|stem| stem.to_string_lossy().into_owned())
    };
    let of_table = || request.table.map(|table| table.name.clone());
    let wanted = request.name.map(str::to_owned).or_else(of_table).or_else(of_file);
    names::pipeline(&wanted.unwrap_or_default())
}

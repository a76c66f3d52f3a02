use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args, Command};
use l0_config::{Config, Inputs};
use l0_engine::{Registry, describe};
use l0_init::{Made, Offer, Offers, Request, StageRequest};
use l0_stage::existing::Table;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Messages to learn from: JSON documents, JSON lines or an array, packed with gzip or not; `-` is standard input
    #[arg(long, num_args = 1.., value_name = "FILE")]
    from: Vec<PathBuf>,
    /// A table that exists: the pipeline stores the samples there. The sink's variables say where its database is
    #[arg(long, requires = "from", value_name = "NAME")]
    table: Option<String>,
    /// What identifies a document: a member as a JSON pointer, several together, or `@id` or `@digest` of its message; default: what looks most like a key
    #[arg(long, requires = "from", value_name = "POINTER")]
    key: Vec<String>,
    /// The kind of sink
    #[arg(long, requires = "from")]
    sink: Option<String>,
    /// The kind of source
    #[arg(long, requires = "from")]
    source: Option<String>,
    /// Name of the pipeline and its table; default: the name of the first file
    #[arg(long, requires = "from")]
    name: Option<String>,
    /// Write a crate with a stage of your own instead: sink, source or validator, and what its section is called
    #[arg(long, num_args = 2, value_names = ["ROLE", "NAME"], conflicts_with = "from")]
    stage: Vec<String>,
    /// Where the source code of l0-runtime lies, as seen from that crate
    #[arg(long, requires = "stage", default_value = "../l0-runtime", value_name = "DIR")]
    checkout: String,
    /// The folder to write the files to
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
}

/// Adds the kinds that this binary can write a pipeline of to the verb's options.
pub fn offer(verb: Command, registry: &Registry) -> Command {
    let Offers { sinks, sources, .. } = Offers::of(registry);
    verb.mut_args(|arg| match arg.get_id().as_str() {
        "sink" => one_of(arg, &sinks),
        "source" => one_of(arg, &sources),
        _ => arg,
    })
}

fn one_of(arg: Arg, offers: &[Offer]) -> Arg {
    let value = |offer: &Offer| PossibleValue::new(offer.kind).help(offer.template.about);
    let arg = arg.value_parser(PossibleValuesParser::new(offers.iter().map(value)));
    match l0_init::usual(offers) {
        Some(usual) => arg.default_value(usual.kind),
        None => arg,
    }
}

/// Writes the files of a pipeline, or of a crate.
pub async fn init(cli: &Cli, arguments: &Init) -> Result<Answer, Exit> {
    let Init { from, stage, checkout, dir, force, .. } = arguments;
    let made = match (from.as_slice(), stage.as_slice()) {
        (_, [role, name]) => l0_init::crate_of_stage(&StageRequest { role, name, checkout, dir })
            .map_err(Exit::usage)?,
        ([], _) => l0_init::shipped(dir),
        (from, _) => learn(cli, arguments, from).await?,
    };
    let Made { files, summary, result } = made;
    files.check(dir, *force).map_err(Exit::usage)?;
    files.write(dir, *force).map_err(Exit::failed)?;
    Ok(Answer::done(summary).with(result))
}

async fn learn(cli: &Cli, arguments: &Init, from: &[PathBuf]) -> Result<Made, Exit> {
    let Init { key, sink, source, name, dir, .. } = arguments;
    let none = |role| Exit::usage(format!("this binary has no {role} that `init` can write"));
    let sink = sink.as_deref().ok_or_else(|| none("sink"))?;
    let table = match &arguments.table {
        Some(table) => Some(described(cli, sink, table, arguments).await?),
        None => None,
    };
    let request = Request {
        from,
        key,
        source: source.as_deref().ok_or_else(|| none("source"))?,
        sink,
        name: name.as_deref(),
        table: table.as_ref(),
        variables: table.as_ref().map(|_| variables(cli)).unwrap_or_default(),
        dir,
    };
    l0_init::learn(&request, &Offers::of(&cli.registry)).map_err(Exit::usage)
}

/// The variables of the process. Those of `.env` need no other default: the file stays where it is.
fn variables(cli: &Cli) -> BTreeMap<String, String> {
    cli.inputs(&cli.config, &[]).environment
}

/// The table that exists, as the sink describes it. Relative paths start at the folder of the files to
/// write, like those of the configuration.
async fn described(cli: &Cli, sink: &str, table: &str, arguments: &Init) -> Result<Table, Exit> {
    let name = arguments.name.as_deref().unwrap_or(table);
    let text = l0_init::asking(sink, name, &Offers::of(&cli.registry)).map_err(Exit::usage)?;
    let file = arguments.dir.join("pipeline.toml");
    let inputs = Inputs { text: Some(text), ..cli.inputs(&file, &[]) };
    let config = Config::load(inputs).map_err(|report| cli.invalid(&report))?;
    let described = describe(&config, &cli.registry, table).await;
    let found = described.map_err(|report| cli.invalid(&report))?;
    let found = found.map_err(|error| {
        let help = format!(
            "`--sink {sink}` looks there; the variables in its section of the configuration say where, \
             such as those of `l0-runtime explain sink.{sink}`"
        );
        Exit::unreachable(format!("{error}\nhelp: {help}"))
    })?;
    let help = "upper and lower case differ, and a table of another schema is `schema.name`";
    let none = format!("--table: the database has no table `{table}`\nhelp: {help}");
    found.ok_or_else(|| Exit::usage(none))
}

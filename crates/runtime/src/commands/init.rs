use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args, Command};
use l0_engine::Registry;
use l0_init::{Made, Offer, Offers, Request};

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Messages to learn from: JSON documents, JSON lines, or `-` for standard input
    #[arg(long, num_args = 1.., value_name = "FILE")]
    from: Vec<PathBuf>,
    /// The member that identifies a document, as a JSON pointer; default: the one that looks most like a key
    #[arg(long, requires = "from", value_name = "POINTER")]
    key: Option<String>,
    /// The kind of sink
    #[arg(long, requires = "from")]
    sink: Option<String>,
    /// The kind of source
    #[arg(long, requires = "from")]
    source: Option<String>,
    /// Name of the pipeline and its table; default: the name of the first file
    #[arg(long, requires = "from")]
    name: Option<String>,
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

/// Writes a pipeline's files.
pub fn init(cli: &Cli, arguments: &Init) -> Result<Answer, Exit> {
    let Init { from, dir, force, .. } = arguments;
    let made = match from.as_slice() {
        [] => l0_init::shipped(dir),
        from => learn(cli, arguments, from).map_err(Exit::usage)?,
    };
    let Made { files, summary, result } = made;
    files.check(dir, *force).map_err(Exit::usage)?;
    files.write(dir, *force).map_err(Exit::failed)?;
    Ok(Answer::done(summary).with(result))
}

fn learn(cli: &Cli, arguments: &Init, from: &[PathBuf]) -> Result<Made, String> {
    let Init { key, sink, source, name, dir, .. } = arguments;
    let none = |role| format!("this binary has no {role} that `init` can write");
    let request = Request {
        from,
        key: key.as_deref(),
        source: source.as_deref().ok_or_else(|| none("source"))?,
        sink: sink.as_deref().ok_or_else(|| none("sink"))?,
        name: name.as_deref(),
        dir,
    };
    l0_init::learn(&request, &Offers::of(&cli.registry))
}

//! The command line: one file or folder per verb, with its options and what it does.

mod client;
mod completions;
mod config;
mod demo;
mod dlq;
mod doctor;
mod explain;
mod graph;
mod health;
mod init;
mod list;
mod migrate;
mod produce;
mod run;
mod target;
mod test;
mod top;
mod validate;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use l0_engine::Registry;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;
use crate::program;
use config::ConfigAction;
use dlq::Dlq;

/// Config-driven pipelines that never lose a message.
#[derive(Parser)]
#[command(propagate_version = true)]
struct CommandLine {
    #[command(flatten)]
    cli: Cli,
    /// What to do
    #[command(subcommand)]
    command: Command,
}

/// Parses the command line of this process.
///
/// # Errors
/// The command line is wrong for a binary with these kinds of stages, or asks for help.
pub fn parse(registry: Registry) -> Result<(Cli, Command), clap::Error> {
    let mut definition = command_line(&registry);
    let matches = definition.try_get_matches_from_mut(std::env::args_os())?;
    let parsed = CommandLine::from_arg_matches(&matches);
    let CommandLine { cli, command } = parsed.map_err(|error| error.format(&mut definition))?;
    Ok((Cli { registry, ..cli }, command))
}

/// The command line of a binary with these kinds of stages.
fn command_line(registry: &Registry) -> clap::Command {
    let command = CommandLine::command().name(program::name()).version(program::version());
    command.mut_subcommands(|verb| match verb.get_name() {
        "init" => init::offer(verb, registry),
        _ => verb,
    })
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the pipeline until stopped (Ctrl-C drains, a second Ctrl-C stops at once)
    Run(run::Run),
    /// Run a demo in this process: HTTP ingest, SQLite, page; needs no files and no services
    Demo(demo::Demo),
    /// Publish sample documents to the pipeline's source
    Produce(produce::Produce),
    /// Check the configuration without connecting: syntax, fields, wiring, variables
    #[command(alias = "lint")]
    Validate,
    /// Run the `[[tests]]` of the configuration: a message, and the rows or the rejection that you expect; stores nothing
    Test(test::Test),
    /// Draw the pipeline: stages, workers, dead letters
    Graph(graph::Graph),
    /// List the kinds of stages this binary has
    List,
    /// Show the fields, defaults and an example of a kind, or explain an error code
    Explain(explain::Explain),
    /// Show the configuration's values, or its JSON Schema
    #[command(subcommand)]
    Config(config::ConfigAction),
    /// Check whether `run` would work here: configuration, services, tables, privileges, port, disk
    Doctor,
    /// Apply the migrations and create missing roles, as administrator
    Migrate(migrate::Migrate),
    /// Ask a running instance whether it is ready
    Health,
    /// Show live rates, lag and latency of a running instance in the terminal
    Top(top::Top),
    /// List, show, replay or purge dead letters
    #[command(subcommand)]
    Dlq(dlq::Dlq),
    /// Write a commented pipeline: the shipped example, or one that fits sample messages
    Init(init::Init),
    /// Print the completion script of a shell
    Completions(completions::Completions),
}

impl Command {
    /// The verb as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Demo(_) => "demo",
            Self::Produce(_) => "produce",
            Self::Validate => "validate",
            Self::Test(_) => "test",
            Self::Graph(_) => "graph",
            Self::List => "list",
            Self::Explain(_) => "explain",
            Self::Config(ConfigAction::Show) => "config show",
            Self::Config(ConfigAction::Schema) => "config schema",
            Self::Doctor => "doctor",
            Self::Migrate(_) => "migrate",
            Self::Health => "health",
            Self::Top(_) => "top",
            Self::Dlq(Dlq::List { .. }) => "dlq list",
            Self::Dlq(Dlq::Show { .. }) => "dlq show",
            Self::Dlq(Dlq::Replay(_)) => "dlq replay",
            Self::Dlq(Dlq::Purge(_)) => "dlq purge",
            Self::Init(_) => "init",
            Self::Completions(_) => "completions",
        }
    }

    /// Runs the verb.
    ///
    /// # Errors
    /// The command did not end well.
    pub async fn perform(&self, cli: &Cli) -> Result<Answer, Exit> {
        match self {
            Self::Run(arguments) => run::run(cli, arguments).await,
            Self::Demo(arguments) => demo::demo(cli, arguments).await,
            Self::Produce(arguments) => produce::produce(cli, arguments).await,
            Self::Validate => validate::validate(cli),
            Self::Test(arguments) => test::test(cli, arguments).await,
            Self::Graph(arguments) => graph::graph(cli, arguments),
            Self::List => Ok(list::list(cli)),
            Self::Explain(arguments) => explain::explain(cli, arguments),
            Self::Config(ConfigAction::Show) => config::show(cli),
            Self::Config(ConfigAction::Schema) => Ok(config::schema(cli)),
            Self::Doctor => doctor::doctor(cli).await,
            Self::Migrate(options) => migrate::migrate(cli, options).await,
            Self::Health => health::health(cli).await,
            Self::Top(arguments) => top::top(cli, arguments).await,
            Self::Dlq(action) => dlq::dlq(cli, action).await,
            Self::Init(arguments) => init::init(cli, arguments).await,
            Self::Completions(arguments) => Ok(completions::completions(cli, arguments)),
        }
    }
}

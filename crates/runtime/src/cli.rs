use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use l0_config::{Config, Inputs, Report};
use l0_engine::{Needs, Pipeline, Registry};
use l0_stage::time::OffsetDateTime;
use l0_stage::time::format_description::well_known::Rfc3339;

use crate::commands::{Init, Migrate};
use crate::exit::Exit;

/// Config-driven pipelines that never lose a message.
#[derive(Parser)]
#[command(name = "l0-runtime", version, propagate_version = true)]
pub struct Cli {
    /// The pipeline's configuration
    #[arg(short, long, global = true, value_name = "FILE", default_value = "pipeline.toml")]
    pub config: PathBuf,
    /// Variables for `${NAME}`; default: `.env` beside the configuration, if present
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Override a value, for example `pipeline.workers=4`
    #[arg(short, long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// One JSON document `{command, ok, summary, result, error}` on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more (`-v` debug, `-vv` trace)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Log warnings and errors alone
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to colour what is written to the terminal
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Form of the log
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    pub log_format: LogFormat,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// The kinds of stages this binary has; not from the command line
    #[arg(skip)]
    pub registry: Registry,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the pipeline until stopped (Ctrl-C drains, twice kills)
    Run(Run),
    /// Run everything in this process: HTTP ingest, SQLite, page; no files, no services
    Demo(Demo),
    /// Publish sample documents to the pipeline's source
    Produce(Produce),
    /// Check the configuration: syntax, fields, wiring, variables; never connects
    #[command(alias = "lint")]
    Validate,
    /// Run the `[[tests]]` of the configuration: a message in, rows or a rejection out; stores nothing
    Test(Test),
    /// Draw the pipeline: stages, workers, dead letters
    Graph(Graph),
    /// List the kinds of stages this binary has
    List,
    /// Tell the fields, defaults and an example of a kind, or what an error code means
    Explain(Explain),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigAction),
    /// Look whether `run` would work here: configuration, services, tables, privileges, port, disk
    Doctor,
    /// Apply the migrations and create the roles that are absent, as administrator
    Migrate(Migrate),
    /// Ask a running instance whether it is ready
    Health,
    /// Show live rates, lag and latency of a running instance in the terminal
    Top(Top),
    /// List, show, replay or purge dead letters
    #[command(subcommand)]
    Dlq(Dlq),
    /// Write a commented pipeline here, the shipped one or one that real messages ask for
    Init(Init),
    /// Print the completions of a shell
    Completions(Completions),
}

impl Dlq {
    /// Whose letters are meant; `None` for those of the configured pipeline.
    pub fn pipeline(&self) -> Option<&str> {
        let owner = match self {
            Self::List { owner, .. } | Self::Show { owner, .. } => owner,
            Self::Replay(letters) | Self::Purge(letters) => &letters.owner,
        };
        owner.pipeline.as_deref()
    }
}

impl Command {
    /// The verbs as they are typed.
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
}

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Every value that is given and where it came from; secrets are hidden
    Show,
    /// The JSON Schema of a pipeline with the kinds that this binary has, for editors
    Schema,
}

/// Options of `test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Only the tests whose name has this in it; it is an error (2) if none has
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Store each message in temporary tables like the real ones, which are gone afterwards. Without
    /// it nothing is connected: types and defaults of columns are not known then, so neither is what
    /// they refuse
    #[arg(long)]
    pub database: bool,
    /// Show the rows of each message, not only of those whose test failed
    #[arg(long)]
    pub show: bool,
}

/// Options of `graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// How to draw it
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub format: GraphFormat,
}

/// `--format`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum GraphFormat {
    /// For a terminal
    Text,
    /// For a page of Markdown
    Mermaid,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A kind (`nats`, `source.http`), a role, a section, or a code (`E0102`)
    #[arg(value_name = "KIND|CODE")]
    pub topic: String,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// One line per letter, oldest first: id, time, state, reason, key, detail
    List {
        /// Which letters
        #[command(flatten)]
        filter: Filter,
        /// Whose letters
        #[command(flatten)]
        owner: Owner,
        /// At most so many
        #[arg(long, default_value = "100", value_name = "N")]
        limit: NonZeroUsize,
        /// The newest first
        #[arg(long)]
        newest: bool,
    },
    /// A letter's reason and origin, and its exact bytes on standard output
    Show {
        /// Id of the letter
        id: i64,
        /// Whose letters
        #[command(flatten)]
        owner: Owner,
    },
    /// Bring letters through today's validation and the sink
    Replay(Letters),
    /// Delete letters for good
    Purge(Letters),
}

/// Letters by id, or all that a filter means.
#[derive(Debug, Args)]
pub struct Letters {
    /// Ids of letters
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
    pub ids: Vec<i64>,
    /// All letters that the filter means
    #[arg(long)]
    pub all: bool,
    /// Say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Which letters
    #[command(flatten)]
    pub filter: Filter,
    /// Whose letters
    #[command(flatten)]
    pub owner: Owner,
}

/// Whose letters are meant.
#[derive(Debug, Args)]
pub struct Owner {
    /// Letters of this pipeline, not of the configured one; `''`: those buried before letters
    /// belonged to a pipeline
    #[arg(long, value_name = "NAME")]
    pub pipeline: Option<String>,
}

/// Conditions that a letter must meet, all of them.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub struct Filter {
    /// For example `invalid_json` or `schema_violation`
    #[arg(long)]
    pub reason: Option<String>,
    /// Buried at or after this time (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub since: Option<OffsetDateTime>,
    /// Buried before this time (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub until: Option<OffsetDateTime>,
    /// The key of the document, where the letter is one
    #[arg(long)]
    pub key: Option<String>,
    /// Also those that were replayed or discarded
    #[arg(long)]
    pub decided: bool,
}

fn time(text: &str) -> Result<OffsetDateTime, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    time.map_err(|_| "write it like 2026-01-31T12:00:00Z".to_owned())
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Exit with 3 instead of waiting for a service that is absent at start
    #[arg(long)]
    pub fail_fast: bool,
    /// Exit with 0 when the input has ended and every document of it is committed
    #[arg(long)]
    pub exit_when_drained: bool,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the documents in this SQLite file; default: a temporary one that goes at exit
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Where the page is
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Where documents come in
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
            set.push(format!("sink.sqlite.path={file}"));
        }
        set.extend(self.listen.iter().map(|at| format!("query.http.listen={at}")));
        set.extend(self.ingest.iter().map(|at| ingest(at)));
        Ok(set)
    }
}

/// The override of where the demo takes documents.
pub fn ingest(at: &str) -> String {
    format!("source.http.listen={at}")
}

/// Options of `produce`.
#[derive(Debug, Args)]
pub struct Produce {
    /// How many documents
    #[arg(long, default_value = "5", value_name = "N")]
    pub count: NonZeroU64,
    /// To a running `l0-runtime demo`
    #[arg(long)]
    pub demo: bool,
    /// Where that demo takes documents
    #[arg(long, requires = "demo", value_name = "ADDR")]
    pub ingest: Option<String>,
}

/// Options of `top`.
#[derive(Debug, Args)]
pub struct Top {
    /// Where the instance is; default: where `[query.*]`, else `[observe]`, of the configuration listens
    #[arg(long)]
    pub url: Option<String>,
    /// A file in PEM with the authority of the instance's certificate, where the system does not know it
    #[arg(long, requires = "url", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// A file with the token that a proxy before the instance asks for
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Print one snapshot as text, as it is done where there is no terminal
    #[arg(long)]
    pub once: bool,
}

/// `--color`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `--log-format`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

impl Cli {
    /// Whether standard error is coloured.
    pub fn colored(&self) -> bool {
        self.colored_on(&std::io::stderr())
    }

    /// Whether standard output is coloured.
    pub fn colored_stdout(&self) -> bool {
        self.colored_on(&std::io::stdout())
    }

    fn colored_on(&self, stream: &impl IsTerminal) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                !refused && stream.is_terminal()
            }
        }
    }

    /// Reads the configuration file and the part of the pipeline that a command needs.
    pub fn load(&self, needs: Needs) -> Result<(Config, Pipeline), Exit> {
        self.load_file(&self.config, &[], needs)
    }

    /// The same of another file, whose values `set` overrides before `--set` does.
    pub fn load_file(
        &self,
        file: &Path,
        set: &[String],
        needs: Needs,
    ) -> Result<(Config, Pipeline), Exit> {
        let config =
            Config::load(self.inputs(file, set)).map_err(|report| self.invalid(&report))?;
        warn_of_open_secrets(&config);
        let pipeline = Pipeline::load(&config, &self.registry, needs);
        Ok((config, pipeline.map_err(|report| self.invalid(&report))?))
    }

    /// What is wrong with the configuration.
    pub fn invalid(&self, report: &Report) -> Exit {
        Exit::invalid(report, self.colored())
    }

    /// Where a configuration comes from: this file, and values that `--set` overrides.
    pub fn inputs(&self, file: &Path, set: &[String]) -> Inputs {
        // A value that is no UTF-8 is wrong, but set: it must not give way to a default.
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        });
        Inputs {
            file: file.to_owned(),
            env_file: self.env_file.clone(),
            set: set.iter().chain(&self.set).cloned().collect(),
            environment: environment.collect::<BTreeMap<_, _>>(),
        }
    }
}

fn warn_of_open_secrets(config: &Config) {
    let keys = config.secrets_of_command_line();
    if !keys.is_empty() {
        tracing::warn!(
            "{} given by `--set` can be read in the list of processes: \
             use a variable, or a key that names a file",
            keys.join(", ")
        );
    }
}

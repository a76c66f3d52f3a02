//! The options that every verb has, and how they load a configuration.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args, ValueEnum};
use l0_config::{Config, Inputs, Report};
use l0_engine::{Needs, Pipeline, Registry};

use crate::exit::Exit;

/// The options of every verb, and the kinds of stages.
#[derive(Args)]
pub struct Cli {
    /// The pipeline's configuration
    #[arg(short, long, global = true, value_name = "FILE", default_value = "pipeline.toml")]
    pub config: PathBuf,
    /// Variables for `${NAME}`; default: `.env` beside the configuration, if present
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Override a value of the configuration, for example `pipeline.workers=4`
    #[arg(short, long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Write one JSON document `{command, ok, summary, result, error}` to standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more (`-v` debug, `-vv` trace)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Log only warnings and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Format of the log
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    pub log_format: LogFormat,
    /// The kinds of stages that this binary has; `main` sets it, not the command line
    #[arg(skip)]
    pub registry: Registry,
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

    /// Does what [`Self::load`] does, but reads the configuration from `file`. `set` overrides
    /// values of the file, and `--set` overrides both.
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

    /// The exit of a command whose configuration is wrong.
    pub fn invalid(&self, report: &Report) -> Exit {
        Exit::invalid(report, self.colored())
    }

    /// The layers of a configuration: the file, then `set`, then `--set`. A later layer overrides
    /// an earlier one.
    pub fn inputs(&self, file: &Path, set: &[String]) -> Inputs {
        // A variable whose value is not UTF-8 is wrong. It counts as set, so that no default
        // replaces it.
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        });
        Inputs {
            file: file.to_owned(),
            text: None,
            env_file: self.env_file.clone(),
            set: set.iter().chain(&self.set).cloned().collect(),
            environment: environment.collect::<BTreeMap<_, _>>(),
            keys: self.registry.keys(),
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

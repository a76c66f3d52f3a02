#![doc = include_str!("../README.md")]

mod layers;
mod report;
mod section;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::value::Value;
use l0_stage::Finding;

pub use report::Report;
pub use report::code::{Code, Explanation};
pub use report::diagnostic::{Diagnostic, Severity};
pub use report::suggest::{help as suggestion, list as quoted, nearest};

pub use layers::keys::Keys;

use layers::overrides;
use layers::secrets::Secrets;
use layers::source_text::SourceText;
use layers::toml_file::TomlFile;
use layers::variables::Variables;

/// Everything that a configuration is read from: the file and all that overrides it.
#[derive(Clone, Default)]
pub struct Inputs {
    /// The configuration file.
    pub file: PathBuf,
    /// The text of a file that is not written yet. `None`: the file is read.
    pub text: Option<String>,
    /// A file of variables, which must exist. If this is `None`, the file `.env` beside the
    /// configuration file is used, if it exists.
    pub env_file: Option<PathBuf>,
    /// Overrides of the form `key.path=value`, from `--set`. They win over the file and the
    /// variables, and a later override wins over an earlier one.
    pub set: Vec<String>,
    /// The environment variables of the process.
    pub environment: BTreeMap<String, String>,
    /// The schema, which says which keys hold secrets.
    pub keys: Keys,
}

/// A configuration that has been read, but whose sections have not been interpreted yet.
pub struct Config {
    file: TomlFile,
    variables: Variables,
    /// The file and its overrides as layers. Each value knows the layer that it came from.
    figment: Figment,
    /// The layers merged into one table.
    merged: Value,
    keys: Keys,
    secrets: Secrets,
    base: PathBuf,
}

impl Config {
    /// Reads the file and everything that overrides it.
    ///
    /// # Errors
    /// A report of all mistakes: the file cannot be read or is not TOML, the file of variables is
    /// malformed, or an override names no key.
    pub fn load(inputs: Inputs) -> Result<Self, Report> {
        let source = match &inputs.text {
            Some(text) => SourceText::new(&inputs.file, text.clone()),
            None => {
                SourceText::read(&inputs.file).map_err(|diagnostic| Report::from(*diagnostic))?
            }
        };
        let base = base(&inputs.file).map_err(|diagnostic| Report::from(*diagnostic))?;
        let mut report = Report::default();
        let variables = Variables::load(&inputs, &mut report);
        let overrides = overrides::collect(&variables, &inputs.set, &mut report);
        let file = match TomlFile::parse(source, &inputs.keys) {
            Ok(file) => file,
            Err(syntax) => {
                report.extend(syntax);
                return Err(report);
            }
        };
        overrides::check(&overrides, file.values(), &mut report);
        if !report.is_empty() {
            return Err(report);
        }
        let layers = Figment::from(&file);
        let figment = overrides.into_iter().fold(layers, Figment::merge);
        let merged = figment.find_value("").unwrap_or_else(|_| file.values().clone().into());
        let secrets = Secrets::default();
        let mut config =
            Self { file, variables, figment, merged, keys: inputs.keys, secrets, base };
        config.secrets = config.collect_secrets();
        Ok(config)
    }

    /// The absolute folder of the configuration file. Relative paths of the configuration start
    /// there.
    #[must_use]
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The kinds that a role has in this configuration: `nats` if it has a section `[source.nats]`.
    #[must_use]
    pub fn kinds(&self, role: &str) -> Vec<String> {
        let role = self.merged.find_ref(role).and_then(Value::as_dict);
        role.map(|kinds| kinds.keys().cloned().collect()).unwrap_or_default()
    }

    /// Whether the configuration has a value or a table at a path such as `query` or
    /// `sink.postgres`.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.merged.find_ref(path).is_some()
    }

    /// Whether the value at a path is a list.
    #[must_use]
    pub fn is_list(&self, path: &str) -> bool {
        self.merged.find_ref(path).is_some_and(|value| matches!(value, Value::Array(..)))
    }

    /// The source text of the value at a path. `None` if the file does not have the path.
    #[must_use]
    pub fn written(&self, path: &str) -> Option<&str> {
        self.file.source.text.get(self.file.place(path)?.value.clone())
    }

    /// The file's name as the user wrote it, and the line of the value at a path. `None` if the
    /// file does not have the path.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<(&str, usize)> {
        let source = &self.file.source;
        let place = self.file.place(path)?;
        Some((&source.name, source.line_of(place.value.start)))
    }

    /// Makes a foreign text, such as an error of a library, safe to print: on one line, without the
    /// secrets of this configuration.
    #[must_use]
    pub fn printable(&self, text: &str) -> String {
        report::diagnostic::printable(&self.secrets.scrub(text))
    }

    /// Turns a stage's finding into a diagnostic that points at the line of the finding's key. That
    /// key is relative to `section`.
    #[must_use]
    pub fn locate(&self, section: &str, finding: &Finding) -> Diagnostic {
        self.describe_finding(section, finding)
    }
}

/// Shows only the name of the file, because the values may be secret.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("file", &self.file.source.name).finish_non_exhaustive()
    }
}

fn base(file: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    let absolute = std::path::absolute(file).map_err(|error| {
        let message = format!("`{}` has no absolute path: {error}", file.display());
        Box::new(Diagnostic::error(Code::UnreadableFile, message))
    })?;
    Ok(absolute.parent().unwrap_or(&absolute).to_owned())
}

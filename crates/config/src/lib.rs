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
pub use report::suggest::{help as suggestion, list as quoted};

pub use layers::keys::Keys;

use layers::overrides;
use layers::secrets::Secrets;
use layers::source_text::SourceText;
use layers::toml_file::TomlFile;
use layers::variables::Variables;

/// Where the configuration comes from.
#[derive(Clone, Default)]
pub struct Inputs {
    /// The configuration file.
    pub file: PathBuf,
    /// A file of variables that must exist; without it `.env` beside the configuration file is
    /// read if it is there.
    pub env_file: Option<PathBuf>,
    /// `key.path=value`, each winning over everything before it.
    pub set: Vec<String>,
    /// The variables of the process.
    pub environment: BTreeMap<String, String>,
    /// Which keys hold secrets.
    pub keys: Keys,
}

/// A configuration that was read but not interpreted yet.
pub struct Config {
    file: TomlFile,
    variables: Variables,
    /// The layers with their provenance.
    figment: Figment,
    /// The layers as one table.
    merged: Value,
    keys: Keys,
    secrets: Secrets,
    base: PathBuf,
}

impl Config {
    /// Reads the file and everything that overrides it.
    ///
    /// # Errors
    /// When the file cannot be read or is no TOML, the file of variables is malformed, or an
    /// override names no key: all of it at once.
    pub fn load(inputs: Inputs) -> Result<Self, Report> {
        let source =
            SourceText::read(&inputs.file).map_err(|diagnostic| Report::from(*diagnostic))?;
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

    /// The absolute folder of the file: where relative paths start.
    #[must_use]
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The kinds a role has: the `nats` of `[source.nats]`.
    #[must_use]
    pub fn kinds(&self, role: &str) -> Vec<String> {
        let role = self.merged.find_ref(role).and_then(Value::as_dict);
        role.map(|kinds| kinds.keys().cloned().collect()).unwrap_or_default()
    }

    /// Whether anything stands at a path such as `query` or `sink.postgres`.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.merged.find_ref(path).is_some()
    }

    /// Whether a list stands at a path.
    #[must_use]
    pub fn is_list(&self, path: &str) -> bool {
        self.merged.find_ref(path).is_some_and(|value| matches!(value, Value::Array(..)))
    }

    /// The value at a path as the file writes it.
    #[must_use]
    pub fn written(&self, path: &str) -> Option<&str> {
        self.file.source.text.get(self.file.place(path)?.value.clone())
    }

    /// The file as the user names it, and the line on which something stands there.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<(&str, usize)> {
        let source = &self.file.source;
        let place = self.file.place(path)?;
        Some((&source.name, source.line_of(place.value.start)))
    }

    /// A text of somebody else's without the secrets of this configuration, on one line.
    #[must_use]
    pub fn printable(&self, text: &str) -> String {
        report::diagnostic::printable(&self.secrets.scrub(text))
    }

    /// A stage's own finding, whose key is relative to `section`, at its line.
    #[must_use]
    pub fn locate(&self, section: &str, finding: &Finding) -> Diagnostic {
        self.describe_finding(section, finding)
    }
}

/// The values may hold secrets: none of them is shown.
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

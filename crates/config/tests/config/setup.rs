use std::fs;

use l0_config::{Code, Config, Inputs, Report};
use tempfile::TempDir;

use crate::sections::{Http, Nats, Postgres, Settings};

const ROLES: &[(&str, &[&str])] = &[
    ("source", &["nats", "file"]),
    ("validate", &["json_schema"]),
    ("sink", &["postgres", "sqlite"]),
    ("query", &["http"]),
];

/// A folder with a configuration, and the variables and overrides for it.
pub struct Setup {
    pub folder: TempDir,
    pub inputs: Inputs,
}

pub fn file(text: &str) -> Setup {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipeline.toml");
    fs::write(&file, text).unwrap();
    Setup { folder, inputs: Inputs { file, ..Inputs::default() } }
}

impl Setup {
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.inputs.environment.insert(name.into(), value.into());
        self
    }

    pub fn set(mut self, argument: &str) -> Self {
        self.inputs.set.push(argument.into());
        self
    }

    pub fn dot_env(self, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.folder.path().join(".env"), text).unwrap();
        self
    }

    pub fn load(&self) -> Result<Config, Report> {
        Config::load(self.inputs.clone())
    }

    pub fn read<T: serde::de::DeserializeOwned>(&self, section: &str) -> T {
        let mut report = Report::default();
        let read = self.load().unwrap().section(section, &[], &mut report);
        assert!(report.is_empty(), "{report}");
        read.unwrap()
    }

    /// Everything found wrong with the sections of a whole pipeline.
    pub fn report(&self) -> Report {
        let config = match self.load() {
            Ok(config) => config,
            Err(report) => return report,
        };
        let mut report = Report::default();
        config.check_names(&["pipeline", "produce"], ROLES, &mut report);
        config.section::<Settings>("pipeline", &[], &mut report);
        if config.has("source.nats") {
            config.section::<Nats>("source.nats", &[], &mut report);
        }
        if config.has("sink.postgres") {
            config.section::<Postgres>("sink.postgres", &[], &mut report);
        }
        if config.has("query.http") {
            config.section::<Http>("query.http", &[], &mut report);
        }
        report
    }

    /// The report as a user in that folder sees it.
    pub fn shown(&self) -> String {
        self.without_folder(&self.report().render(false))
    }

    pub fn without_folder(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }

    /// Asserts that there is exactly one mistake; returns it as a user sees it.
    pub fn one(&self, code: Code) -> String {
        let shown = self.shown();
        let codes: Vec<_> = self.report().iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, [code], "{shown}");
        shown
    }
}

pub fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
}

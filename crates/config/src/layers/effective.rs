//! Lists every value that is set, for `l0-runtime config show`.

use figment::value::Value;
use l0_stage::observe::Setting;

use super::reference::Trouble;
use crate::Config;
use crate::section::path::join;

impl Config {
    /// Every value that is set, with its origin. Secret values are replaced by `None`. Keys that
    /// are not set are not listed: they have the default of their stage. `[[tests]]` is not listed
    /// either, because a running instance does not use it.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        let sections = self.merged.as_dict().into_iter().flatten();
        for (name, section) in sections.filter(|(name, _)| *name != "tests") {
            self.collect_settings(name, section, &mut settings);
        }
        settings
    }

    fn collect_settings(&self, path: &str, value: &Value, settings: &mut Vec<Setting>) {
        match value {
            Value::Dict(_, table) => table.iter().for_each(|(name, value)| {
                self.collect_settings(&join(path, name), value, settings)
            }),
            Value::Array(_, items) if items.iter().any(is_table) => {
                items.iter().enumerate().for_each(|(at, item)| {
                    self.collect_settings(&join(path, &at.to_string()), item, settings)
                })
            }
            _ => settings.push(self.setting(path, value)),
        }
    }

    fn setting(&self, path: &str, value: &Value) -> Setting {
        let shown = (!self.holds_secret(path)).then(|| self.secrets.scrub(&self.shown(value)));
        Setting { key: path.to_owned(), value: shown, origin: self.origin(path, value) }
    }

    fn shown(&self, value: &Value) -> String {
        match value {
            Value::String(_, written) => match self.lacking(value) {
                None => self.text(value).text,
                Some(_) => written.clone(),
            },
            Value::Array(_, items) => {
                items.iter().map(|item| self.shown(item)).collect::<Vec<_>>().join(", ")
            }
            Value::Bool(_, value) => value.to_string(),
            Value::Char(_, value) => value.to_string(),
            Value::Num(_, number) => match (number.to_i128(), number.to_f64()) {
                (Some(number), _) => number.to_string(),
                (None, number) => number.unwrap_or_default().to_string(),
            },
            Value::Dict(..) | Value::Empty(..) => String::new(),
        }
    }

    /// Why the references of a text cannot all be replaced, for example because a variable is not
    /// set. `None` if they can.
    fn lacking(&self, value: &Value) -> Option<String> {
        let problems = self.expansion(value)?.problems;
        Some(match problems.first()? {
            Trouble::Missing { reference, .. } => {
                format!("variable `{}` is not set", reference.name)
            }
            Trouble::Malformed { .. } => "malformed reference".to_owned(),
        })
    }

    /// The origin of a value as text: `pipeline.toml:4`, `.env:2 (variable WORKER_QUANTITY)` or
    /// `--set`.
    fn origin(&self, path: &str, value: &Value) -> String {
        if let Some(outside) = self.outside_origin(value) {
            return outside.replace('`', "");
        }
        let line = self.file.place(path).map(|place| self.file.source.line_of(place.value.start));
        let name = &self.file.source.name;
        let name = name.rsplit('/').next().unwrap_or(name);
        let place = line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
        if let Some(lacking) = self.lacking(value) {
            return format!("{place}: {lacking}");
        }
        let Some(expansion) = self.expansion(value) else { return place };
        let used = expansion.used.iter().filter_map(|name| self.variables.get(name));
        let used: Vec<_> = used.map(|variable| variable.origin.as_str()).collect();
        match used.as_slice() {
            [] if value.as_str().is_some_and(|text| text.contains("${")) => {
                format!("default in {place}")
            }
            [] => place,
            used => used.join(", ").replace('`', ""),
        }
    }
}

fn is_table(value: &Value) -> bool {
    matches!(value, Value::Dict(..))
}

//! Finds out where a value came from, and whether it is secret.

use figment::Source;
use figment::value::Value;

use super::overrides::COMMAND_LINE;
use super::reference::{self, Expansion};
use super::secrets::{Secrets, holds_credentials, is_secret_variable};
use crate::Config;
use crate::section::field::Text;
use crate::section::path::join;

impl Config {
    /// The text of a string value with its references replaced. A reference that cannot be replaced
    /// is left out.
    pub(crate) fn text(&self, value: &Value) -> Text {
        let raw = value.as_str().unwrap_or_default();
        if self.is_from_file(value) {
            let Expansion { text, loose, .. } = reference::expand(raw, &self.variables);
            Text { text, loose, outside: false }
        } else {
            Text { text: raw.to_owned(), loose: true, outside: true }
        }
    }

    /// Expands the references of a value of the file. `None` for a value from outside the file,
    /// because such a value is literal.
    pub(crate) fn expansion<'v>(&self, value: &'v Value) -> Option<Expansion<'v>> {
        let raw = value.as_str().filter(|_| self.is_from_file(value))?;
        Some(reference::expand(raw, &self.variables))
    }

    /// Notes that say where the value at a path came from. Empty if it came from the file alone.
    pub(crate) fn origins(&self, path: &str) -> Vec<String> {
        let Some(value) = self.merged.find_ref(path) else { return Vec::new() };
        if let Some(origin) = self.outside_origin(value) {
            let overrides = self.file.place(path).map_or("", |_| ", which overrides this line");
            return vec![format!("the value is from {origin}{overrides}")];
        }
        let used = self.expansion(value).map(|expansion| expansion.used).unwrap_or_default();
        let variables = used.into_iter().filter_map(|name| self.variables.get(name));
        variables.map(|variable| format!("the value is from {}", variable.origin)).collect()
    }

    /// Whether a value must not be shown. The reason can be its key, a variable that it refers to,
    /// or its content.
    pub(crate) fn is_secret(&self, path: &str, value: &Value) -> bool {
        let used = self.expansion(value).map(|expansion| expansion.used).unwrap_or_default();
        self.keys.is_secret(path)
            || used.into_iter().any(is_secret_variable)
            || (value.as_str().is_some() && holds_credentials(&self.text(value).text))
    }

    /// Collects the secret values, which must not appear in any text.
    pub(crate) fn collect_secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        self.each_value("", &self.merged, &mut |path, value| {
            let text = match value {
                Value::String(..) => self.text(value).text,
                Value::Num(_, number) => match (number.to_i128(), number.to_f64()) {
                    (Some(number), _) => number.to_string(),
                    (None, number) => number.unwrap_or_default().to_string(),
                },
                _ => return,
            };
            if !self.is_secret(path, value) {
                secrets.show(text);
                return;
            }
            secrets.hide(text);
            for name in self.expansion(value).map(|e| e.used).unwrap_or_default() {
                if let Some(variable) =
                    self.variables.get(name).filter(|_| is_secret_variable(name))
                {
                    secrets.hide(variable.value.clone());
                }
            }
        });
        secrets
    }

    /// Visits every value that is neither a table nor a list.
    pub(crate) fn each_value<'v>(
        &self,
        path: &str,
        value: &'v Value,
        visit: &mut dyn FnMut(&str, &'v Value),
    ) {
        match value {
            Value::Dict(_, table) => table
                .iter()
                .for_each(|(name, value)| self.each_value(&join(path, name), value, visit)),
            Value::Array(_, items) => items
                .iter()
                .enumerate()
                .for_each(|(at, item)| self.each_value(&join(path, &at.to_string()), item, visit)),
            leaf => visit(path, leaf),
        }
    }

    /// The secret keys that `--set` sets. The caller warns about them, because every process of the
    /// machine can read a command line.
    #[must_use]
    pub fn secrets_of_command_line(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.each_value("", &self.merged, &mut |path, value| {
            if self.outside_origin(value) == Some(COMMAND_LINE) && self.is_secret(path, value) {
                paths.push(format!("`{path}`"));
            }
        });
        paths
    }

    pub(crate) fn outside_origin(&self, value: &Value) -> Option<&str> {
        let metadata = self.figment.get_metadata(value.tag())?;
        let is_file = matches!(metadata.source, Some(Source::File(_)));
        (!is_file).then_some(&*metadata.name)
    }

    fn is_from_file(&self, value: &Value) -> bool {
        let metadata = self.figment.get_metadata(value.tag());
        metadata.is_some_and(|metadata| matches!(metadata.source, Some(Source::File(_))))
    }
}

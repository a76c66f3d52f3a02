//! Overrides by `L0_` variables and by `--set`. Both win over the file, and `--set` wins over the
//! variables.

use figment::value::{Dict, Map, Tag, Value};
use figment::{Metadata, Profile, Provider};

use super::variables::Variables;
use crate::section::path;
use crate::{Code, Diagnostic, Report};

/// The origin of a value from `--set`.
pub(crate) const COMMAND_LINE: &str = "`--set`";

/// One value from outside the file. It is given as text, and is read as the type of its field.
pub(crate) struct Override {
    pub path: String,
    text: String,
    /// The origin as notes show it: `` variable `L0_PIPELINE__WORKERS` `` or `` `--set` ``.
    pub origin: String,
}

impl Provider for Override {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let text = Value::String(Tag::Default, self.text.clone());
        let nested = figment::util::nest(&self.path, text);
        Ok(Profile::Default.collect(nested.into_dict().unwrap_or_default()))
    }
}

/// Collects the overrides: first those of the variables, then those of the command line. A later
/// override wins.
pub(crate) fn collect(variables: &Variables, set: &[String], report: &mut Report) -> Vec<Override> {
    let mut overrides = Vec::new();
    for (name, variable) in variables.iter() {
        let Some(keys) = name.strip_prefix("L0_").filter(|keys| keys.contains("__")) else {
            continue;
        };
        let path = keys.to_ascii_lowercase().replace("__", ".");
        let origin = variable.origin.clone();
        match is_path(&path) {
            true => overrides.push(Override { path, text: variable.value.clone(), origin }),
            false => report.push(malformed(&origin, "write it as L0_SECTION__KEY")),
        }
    }
    for (at, argument) in set.iter().enumerate() {
        match argument.split_once('=').map(|(path, text)| (path.trim(), text)) {
            Some((path, text)) if is_path(path) => overrides.push(Override {
                path: path.to_owned(),
                text: text.to_owned(),
                origin: COMMAND_LINE.to_owned(),
            }),
            // The message does not quote the argument. Without a key nothing says whether its value
            // is a secret.
            _ => report.push(malformed(
                &format!("`--set` number {}", at + 1),
                "write it as --set section.key=value",
            )),
        }
    }
    overrides
}

/// Reports each override that names a key below a value of the file that is not a table.
pub(crate) fn check(overrides: &[Override], values: &Dict, report: &mut Report) {
    let root = Value::from(values.clone());
    for given in overrides {
        let blocking = path::outwards(&given.path)
            .skip(1)
            .find(|outer| root.find_ref(outer).is_some_and(|value| value.as_dict().is_none()));
        if let Some(outer) = blocking {
            let message =
                format!("{} overrides a key below `{outer}`, which is not a table", given.origin);
            report.push(
                Diagnostic::error(Code::InvalidOverride, message)
                    .help(format!("override `{outer}` as a whole")),
            );
        }
    }
}

fn is_path(path: &str) -> bool {
    path.split('.').all(|key| !key.is_empty() && !key.contains(char::is_whitespace))
}

fn malformed(origin: &str, help: &str) -> Diagnostic {
    Diagnostic::error(Code::InvalidOverride, format!("{origin} lacks a valid key to override"))
        .help(help)
}

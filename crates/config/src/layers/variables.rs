//! Reads the variables that references may name, from the process and from `.env`.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::variable_name;
use crate::report::Report;
use crate::{Code, Diagnostic, Inputs};

/// The variables that references may name. If the process and the file of variables both set a
/// variable, the value of the process counts.
#[derive(Default)]
pub(crate) struct Variables(BTreeMap<String, Variable>);

/// The value of a variable, and where it came from.
pub(crate) struct Variable {
    pub value: String,
    /// The origin as notes show it: ``variable `NAME` `` or ``.env:12 (variable `NAME`)``.
    pub origin: String,
}

impl Variables {
    /// Reads the file of variables and the variables of the process, which win. Mistakes of the
    /// file go into the report. The environment of the process is not changed.
    pub fn load(inputs: &Inputs, report: &mut Report) -> Self {
        let mut variables = Self::default();
        let (path, demanded) = match &inputs.env_file {
            Some(path) => (path.clone(), true),
            None => (inputs.file.with_file_name(".env"), false),
        };
        match read(&path, demanded) {
            Ok(text) => variables.add_file(&path.display().to_string(), &text, report),
            Err(diagnostic) => report.push(*diagnostic),
        }
        for (name, value) in &inputs.environment {
            let origin = format!("variable `{name}`");
            variables.0.insert(name.clone(), Variable { value: value.clone(), origin });
        }
        variables
    }

    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.0.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    fn add_file(&mut self, file: &str, text: &str, report: &mut Report) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match assignment(line) {
                Ok((name, value)) => {
                    let origin = format!("{file}:{number} (variable `{name}`)");
                    self.0.insert(name.to_owned(), Variable { value: value.to_owned(), origin });
                }
                Err(why) => report.push(
                    Diagnostic::error(Code::InvalidEnvFile, format!("malformed line: {why}"))
                        .at_line(file, number, 1)
                        .note("the line is hidden because it may hold a secret"),
                ),
            }
        }
    }
}

fn read(path: &Path, demanded: bool) -> Result<String, Box<Diagnostic>> {
    let refuse = |why: &str| {
        let message = format!("file of variables `{}` {why}", path.display());
        Box::new(Diagnostic::error(Code::InvalidEnvFile, message))
    };
    // A folder called `.env` is ignored: it is usually a virtual environment of Python.
    if !demanded && !path.is_file() {
        return Ok(String::new());
    }
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => refuse("does not exist"),
        ErrorKind::IsADirectory => refuse("is a directory"),
        _ => refuse(&format!("cannot be read: {error}")),
    })?;
    String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8"))
}

/// Splits a line `NAME=value`. It may begin with `export`, and the value may be quoted. References
/// in the value are not expanded.
fn assignment(line: &str) -> Result<(&str, &str), &'static str> {
    let line = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => line,
    };
    let (name, value) = line.split_once('=').ok_or("expected NAME=value")?;
    let (name, value) = (name.trim_end(), value.trim_start());
    if !variable_name::is_valid(name) {
        return Err(variable_name::RULE);
    }
    Ok((name, unquote(value)?))
}

fn unquote(value: &str) -> Result<&str, &'static str> {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => match value[1..].strip_suffix(quote) {
            Some(inner) if !inner.contains(quote) => Ok(inner),
            Some(_) => Err("the quoted value contains the quote that encloses it"),
            None => Err("the value does not end with its closing quote"),
        },
        // Other readers of `.env` files cut the value at ` #`, so the user must write which meaning
        // is wanted.
        _ if value.contains(" #") || value.contains("\t#") => {
            Err("quote a value with ` #` in it, or move the comment to a line of its own")
        }
        _ => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_may_be_exported_and_quoted_and_is_taken_literally() {
        assert_eq!(assignment("A=b c"), Ok(("A", "b c")));
        assert_eq!(assignment("export A = 'b # c'"), Ok(("A", "b # c")));
        assert_eq!(assignment("A=\"$B\\n\""), Ok(("A", "$B\\n")));
        assert_eq!(assignment("A=b#c="), Ok(("A", "b#c=")));
        assert_eq!(assignment("exported=1"), Ok(("exported", "1")));
        assert_eq!(assignment("A="), Ok(("A", "")));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for line in ["A", "1A=b", "A B=c", "A=\"b", "A=\"b\" c", "A='b'c'", "A=b # c", "=b"] {
            assert!(assignment(line).is_err(), "{line}");
        }
    }
}

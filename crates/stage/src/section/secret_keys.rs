use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context as _;

use crate::{Context, Finding, Secret};

/// The two keys of a section that can give one secret. For example, `password` holds the secret
/// itself, and `password_file` names a file that holds it.
#[derive(Debug, Clone, Copy)]
pub struct SecretKeys<'a> {
    key: &'static str,
    secret: Option<&'a Secret>,
    file: Option<&'a Path>,
}

/// A secret that the configuration gives: either its text, or the path of the file that holds it.
#[derive(Debug, Clone)]
pub enum GivenSecret {
    /// The secret stands in the configuration.
    Here(Secret),
    /// The secret stands in a file. It is read again at each use, so that an operator can change
    /// it.
    InFile {
        /// The name of the secret in messages: `password`.
        name: &'static str,
        /// The path of the file, resolved against the folder of the configuration.
        path: PathBuf,
    },
}

impl<'a> SecretKeys<'a> {
    /// `key` is the path of the key that holds the secret, below the stage's section: `password`,
    /// or `dead_letters.password`.
    #[must_use]
    pub fn new(key: &'static str, secret: Option<&'a Secret>, file: Option<&'a Path>) -> Self {
        Self { key, secret, file }
    }

    /// Whether the section sets at least one of the two keys.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.secret.is_some() || self.file.is_some()
    }

    /// The secret, if it stands in the section itself.
    #[must_use]
    pub fn here(&self) -> Option<&'a Secret> {
        self.secret
    }

    /// A finding if the section sets both keys.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let name = self.name();
        (self.secret.is_some() && self.file.is_some()).then(|| {
            let message = format!("`{name}` and `{name}_file` are both set");
            Finding::new(format!("{}_file", self.key), message).help("keep one of them")
        })
    }

    /// The secret, if the section gives one. Call it only if [`finding`](Self::finding) found
    /// nothing.
    #[must_use]
    pub fn given(&self, context: &Context) -> Option<GivenSecret> {
        let in_file = |file| GivenSecret::InFile { name: self.name(), path: context.path(file) };
        self.file.map(in_file).or_else(|| self.secret.cloned().map(GivenSecret::Here))
    }

    fn name(&self) -> &'static str {
        self.key.rsplit_once('.').map_or(self.key, |(_, name)| name)
    }
}

impl GivenSecret {
    /// The text of the secret. A secret in a file is read now.
    ///
    /// # Errors
    /// The file cannot be read. The error names its path.
    pub fn read(&self) -> anyhow::Result<Secret> {
        match self {
            Self::Here(secret) => Ok(secret.clone()),
            Self::InFile { name, path } => secret_of_file(path)
                .with_context(|| format!("cannot read {name} file `{}`", path.display())),
        }
    }
}

/// The text of a file, without the line breaks at its end.
///
/// # Errors
/// The file cannot be read, or is not UTF-8.
pub fn secret_of_file(path: &Path) -> io::Result<Secret> {
    let text = fs::read_to_string(path)?;
    Ok(Secret::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_and_its_file_are_one_too_many_and_the_finding_is_at_the_file() {
        let (secret, file) = (Secret::from("s".to_owned()), Path::new("f"));
        let keys = SecretKeys::new("dead_letters.password", Some(&secret), Some(file));
        let finding = keys.finding().expect("both are set");
        assert_eq!(finding.key, "dead_letters.password_file");
        assert_eq!(finding.message, "`password` and `password_file` are both set");
        for (secret, file) in [(None, None), (Some(&secret), None), (None, Some(file))] {
            assert_eq!(SecretKeys::new("token", secret, file).finding(), None);
        }
    }
}

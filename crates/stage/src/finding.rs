use std::fmt;

/// One mistake in a key of the stage's section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path below the stage's section, for example `table.columns.sale`. Empty for the section
    /// itself.
    pub key: String,
    /// What is wrong, lowercase, naming the thing.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Finding {
    /// A finding without help.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into(), help: None }
    }

    /// The same, seen from the section above `section`.
    #[must_use]
    pub fn below(mut self, section: &str) -> Self {
        self.key = format!("{section}.{}", self.key);
        self
    }

    /// Adds the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Findings as an error, so that a mismatch found while connecting can be shown at its line.
#[derive(Debug, Clone)]
pub struct Findings(pub Vec<Finding>);

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.0.iter().map(|finding| format!("{}: {}", finding.key, finding.message));
        f.write_str(&texts.collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for Findings {}

use std::fmt;

/// One mistake in a key of the stage's section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path below the stage's section, for example `table.columns.sale`. Empty for the section
    /// itself.
    pub key: String,
    /// What is wrong. The message names the faulty thing and begins in lower case.
    pub message: String,
    /// What the user should do about the mistake.
    pub help: Option<String>,
}

impl Finding {
    /// Makes a finding without help. `key` is relative to the stage's section.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into(), help: None }
    }

    /// The same finding with `section.` put before its key, so that the key is relative to the
    /// section above.
    #[must_use]
    pub fn below(mut self, section: &str) -> Self {
        self.key = format!("{section}.{}", self.key);
        self
    }

    /// Adds what the user should do about the mistake.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Findings as an error. If a stage finds a mismatch while it connects, the engine can show it at
/// the line of its key.
#[derive(Debug, Clone)]
pub struct Findings(pub Vec<Finding>);

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.0.iter().map(|finding| format!("{}: {}", finding.key, finding.message));
        f.write_str(&texts.collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for Findings {}

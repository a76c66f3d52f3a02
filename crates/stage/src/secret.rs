use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// A text that cannot be printed (invariant 6). `Debug` shows a placeholder, and there is no
/// `Display`.
///
/// In a section it marks its key as secret in the schema (`writeOnly`): no command, no error and no
/// page shows the key's value, whatever the key is called. A key of any other type is shown.
///
/// ```
/// use l0_stage::Secret;
///
/// let token = Secret::from("s3cr3t".to_owned());
/// assert_eq!(format!("{token:?}"), "[secret]");
/// assert_eq!(token.expose(), "s3cr3t");
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("writeOnly" = true))]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the single place that passes it to a service.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

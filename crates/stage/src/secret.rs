use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// A text that cannot be printed (invariant 6). `Debug` shows a placeholder, and `Display` is not
/// implemented.
///
/// A key of a section that has this type is marked as secret in the schema (`writeOnly`). No
/// command, error or page shows its value, whatever the name of the key. The values of keys of
/// other types are shown.
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
    /// The secret text. Only the code that passes it to a service should call this.
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

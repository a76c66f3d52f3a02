use std::fmt;

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $name:ident = $text:literal,)+) => {
        /// What kind of mistake a diagnostic is about. A code never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code as it is printed, for example `E0102`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($meaning,)+).trim_ascii(),)+
                }
            }
        }
    };
}

codes! {
    /// The file has a section that no pipeline has.
    UnknownSection = "E0101",
    /// A section has a key that it does not know.
    UnknownField = "E0102",
    /// A role names a kind of stage that this binary does not have.
    UnknownKind = "E0103",
    /// A role has more than one kind of stage.
    SeveralKinds = "E0104",
    /// A key without a default is absent.
    MissingField = "E0105",
    /// A value has the wrong type or is out of range.
    InvalidValue = "E0106",
    /// A variable without a default is not set.
    MissingVariable = "E0107",
    /// A `${...}` is written in a way that has no meaning.
    MalformedReference = "E0108",
    /// The file is not valid TOML.
    InvalidToml = "E0109",
    /// The configuration file cannot be read.
    UnreadableFile = "E0110",
    /// The file of variables cannot be read, or one of its lines is not `NAME=value`.
    InvalidEnvFile = "E0111",
    /// A `--set` or an `L0_` variable does not say which key it overrides.
    InvalidOverride = "E0112",
    /// A stage cannot work with the value of this key.
    UnfitForStage = "E0113",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

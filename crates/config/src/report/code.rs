//! The codes of mistakes, each with its cause, its cure and an example. `l0-runtime explain E0102`
//! shows one.

use std::fmt;

macro_rules! codes {
    ($(
        $(#[doc = $meaning:literal])+
        $name:ident = $text:literal {
            cause: $cause:literal,
            cure: $cure:literal,
            wrong: $wrong:literal,
            right: $right:literal,
        }
    )+) => {
        /// The kind of mistake that a diagnostic reports. A code never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Code {
            /// Every code, in ascending order.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The explanation of this code.
            #[must_use]
            pub fn explanation(self) -> &'static Explanation {
                match self {
                    $(Self::$name => const { &Explanation {
                        code: $text,
                        meaning: concat!($($meaning,)+).trim_ascii(),
                        cause: $cause,
                        cure: $cure,
                        wrong: $wrong,
                        right: $right,
                    } },)+
                }
            }
        }
    };
}

/// An explanation of one kind of mistake, for the user who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// The code as it is printed, for example `E0102`.
    pub code: &'static str,
    /// What the code means, in one sentence.
    pub meaning: &'static str,
    /// What usually leads to the mistake.
    pub cause: &'static str,
    /// What the user should do about the mistake.
    pub cure: &'static str,
    /// An example of the mistake: lines of the configuration, or of a shell.
    pub wrong: &'static str,
    /// The example without the mistake.
    pub right: &'static str,
}

codes! {
    /// The file has a section that no pipeline has.
    UnknownSection = "E0101" {
        cause: "The name of a section is misspelt, or belongs to another program. A pipeline has \
                [pipeline], at most one kind of [source.*], [validate.*], [sink.*] and [query.*], \
                [produce] and [[tests]].",
        cure: "Write the name that the error suggests, or remove the section. `l0-runtime list` \
               shows the kinds of every role.",
        wrong: "[pipelin]\nname = \"orders\"",
        right: "[pipeline]\nname = \"orders\"",
    }
    /// A section has a key that it does not know.
    UnknownField = "E0102" {
        cause: "The key is misspelt, stands below the wrong header, or belongs to another version. \
                In TOML a key belongs to the last header above it. Above the first header it \
                belongs to no section.",
        cure: "Write the key that the error suggests, or move it below its header. `l0-runtime \
               explain KIND` shows all keys of a kind.",
        wrong: "[pipeline]\nname = \"orders\"\nworkrs = 10",
        right: "[pipeline]\nname = \"orders\"\nworkers = 10",
    }
    /// A role names a kind of stage that this binary does not have.
    UnknownKind = "E0103" {
        cause: "The kind is misspelt, or the binary was built without it (a cargo feature such as \
                `sink-postgres`).",
        cure: "Write the kind that the error suggests. `l0-runtime list` shows the kinds of this \
               binary. A missing kind needs a build with its feature.",
        wrong: "[pipeline]\nname = \"orders\"\n\n[source.natz]\nstream = \"ORDERS\"",
        right: "[pipeline]\nname = \"orders\"\n\n[source.nats]\nstream = \"ORDERS\"",
    }
    /// A role has more than one kind of stage.
    SeveralKinds = "E0104" {
        cause: "A pipeline has at most one source, one validation, one sink and one query stage. \
                Often the section of an example was added beside the existing one, or a `--set` \
                names another kind.",
        cure: "Keep one of the sections, and remove the others with the sections below them. Two \
               sinks need two pipelines.",
        wrong: "[pipeline]\nname = \"orders\"\n\n[source.file]\npath = \"a.jsonl\"\n\n\
                [source.http]\nlisten = \"127.0.0.1:8090\"",
        right: "[pipeline]\nname = \"orders\"\n\n[source.file]\npath = \"a.jsonl\"",
    }
    /// A key without a default is absent.
    MissingField = "E0105" {
        cause: "Some keys name something of yours (a stream, a table), so they have no default. \
                The key is absent, misspelt, or stands below another header.",
        cure: "Add the key to the section that the message names. `l0-runtime explain KIND` shows \
               an example with every key.",
        wrong: "[pipeline]\nworkers = 10",
        right: "[pipeline]\nname = \"orders\"\nworkers = 10",
    }
    /// A value has the wrong type or is out of range.
    InvalidValue = "E0106" {
        cause: "A number has quotes, a text has none, a number is too small or too large, or a \
                text is not one of the allowed ones. If the value comes from a variable, an `L0_` \
                variable or `--set`, a note says so.",
        cure: "Write a value of the kind that the message names. A text that is a single reference, \
               such as \"${WORKERS:-10}\", takes the type of its key: here the variable must hold \
               a number.",
        wrong: "[pipeline]\nname = \"orders\"\nworkers = \"ten\"",
        right: "[pipeline]\nname = \"orders\"\nworkers = 10",
    }
    /// A variable without a default is not set.
    MissingVariable = "E0107" {
        cause: "`${NAME}` and `${NAME:?message}` require a variable. It is neither in the \
                environment nor in the file of variables (`.env` beside the configuration, or \
                `--env-file`). With `:?` the variable must not be empty either.",
        cure: "Set the variable, add it to `.env` (`cat .env.example > .env` creates one), or give \
               the reference a default: `${NAME:-default}`.",
        wrong: "[pipeline]\nname = \"${PIPELINE_NAME:?}\"",
        right: "[pipeline]\nname = \"${PIPELINE_NAME:-orders}\"",
    }
    /// A `${...}` is written in a way that has no meaning.
    MalformedReference = "E0108" {
        cause: "A reference is not closed, its name has characters other than letters, digits and \
                `_`, it uses another form of the shell, or references are nested.",
        cure: "Write `${NAME}`, `${NAME:-default}` or `${NAME:?message}`. For the text `${` \
               itself write `$${`.",
        wrong: "[pipeline]\nname = \"${PIPELINE-NAME}\"",
        right: "[pipeline]\nname = \"${PIPELINE_NAME:-orders}\"",
    }
    /// The file is not valid TOML.
    InvalidToml = "E0109" {
        cause: "A quote or a bracket is not closed, a text has no quotes, a key or a section \
                appears twice, or the file is YAML or JSON. One unclosed quote can make the \
                next lines look wrong: begin with the first error.",
        cure: "Correct the place that the caret points at. A text has quotes, a key is written as \
               `name = value` on a line of its own, and each section appears once.",
        wrong: "[pipeline]\nname = \"orders",
        right: "[pipeline]\nname = \"orders\"",
    }
    /// The configuration file cannot be read.
    UnreadableFile = "E0110" {
        cause: "Without `-c` the file is `pipeline.toml` in the folder where the command runs. It \
                does not exist, is a folder, is not UTF-8, or this user may not read it.",
        cure: "Run in the folder of the file, or name it with `-c FILE`.",
        wrong: "$ cd / && l0-runtime validate",
        right: "$ l0-runtime validate -c /etc/l0/pipeline.toml",
    }
    /// The file of variables cannot be read, or one of its lines is not `NAME=value`.
    InvalidEnvFile = "E0111" {
        cause: "A line of `.env` (or of the file that `--env-file` names) has no `=`, a name with \
                characters other than letters, digits and `_`, or quotes that do not match. A ` #` \
                in a value without quotes is refused, because readers of such files disagree on it.",
        cure: "Write each line as `NAME=value`, `NAME='value'` or `# comment`. Nothing in a value \
               is expanded.",
        wrong: "PG_HOST: localhost",
        right: "PG_HOST=localhost",
    }
    /// A `--set` or an `L0_` variable does not say which key it overrides.
    InvalidOverride = "E0112" {
        cause: "`--set` has no `=`, its key has an empty part or a space, or it names a key below a \
                value that is not a table, such as an element of a list. Variables that begin with \
                `L0_` and have `__` in their name are overrides too.",
        cure: "Write `--set section.key=value`, or `L0_SECTION__KEY=value`. A list is overridden \
               as a whole: `--set 'query.http.search=[\"a\", \"b\"]'`.",
        wrong: "$ l0-runtime run --set workers",
        right: "$ l0-runtime run --set pipeline.workers=4",
    }
    /// A stage cannot work with the value of this key.
    UnfitForStage = "E0113" {
        cause: "The value has the right type, but this stage cannot use it: a missing file, a \
                malformed address, two keys that exclude each other, a column that the table does \
                not have.",
        cure: "Do what the help says. `l0-runtime explain KIND` shows the keys of the stage with \
               an example.",
        wrong: "[pipeline]\nname = \"orders\"\n\n[query.http]\nlisten = \"localhost\"",
        right: "[pipeline]\nname = \"orders\"\n\n[query.http]\nlisten = \"localhost:8080\"",
    }
}

impl Code {
    /// The code as it is printed, for example `E0102`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.explanation().code
    }

    /// What the code means, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.explanation().meaning
    }

    /// Finds a code by its name, in upper or lower case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

//! A kind of stage: the struct that its section becomes.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::doctor::Examination;
use crate::letters::DeadLetters;
use crate::rehearsal::Rehearsal;
use crate::template::Template;
use crate::{Error, Finding, Query, Sink, Source, Validator};

/// One of the four places in a pipeline.
pub trait Role: 'static {
    /// The `source` of `[source.nats]`.
    const NAME: &'static str;
}

impl Role for dyn Source {
    const NAME: &'static str = "source";
}
impl Role for dyn Validator {
    const NAME: &'static str = "validate";
}
impl Role for dyn Sink {
    const NAME: &'static str = "sink";
}
impl Role for dyn Query {
    const NAME: &'static str = "query";
}

/// A kind of stage. Implemented by the struct that its section of `pipeline.toml` deserialises to.
///
/// Derive `Deserialize` without `flatten` or `tag`: both lose the place of an error in the file. Derive
/// `JsonSchema` too: with it and the docstrings of the fields an editor knows the section. A crate that
/// derives them through [`serde`](crate::serde) and [`schemars`](crate::schemars) says so:
/// `#[serde(crate = "l0_stage::serde")]`, `#[schemars(crate = "l0_stage::schemars")]`.
pub trait Plugin: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The `nats` of `[source.nats]`.
    const NAME: &'static str;
    /// A complete commented section: `include_str!("../example.toml")`. A test parses it.
    const EXAMPLE: &'static str;
    /// `dyn Source`, `dyn Validator`, `dyn Sink` or `dyn Query`.
    type Stage: ?Sized + Role;
    /// Sections below this one that `l0-runtime migrate` alone uses; nobody else needs their
    /// variables.
    const ONLY_MIGRATE: &'static [&'static str] = &[];
    /// A sink's: what its database refuses, and whose fault that is; `l0-runtime explain` shows it.
    const REFUSALS: &'static [(&'static str, &'static str)] = &[];
    /// Reasons of its own that a document can be rejected for ([`Reason::Other`](crate::Reason::Other)):
    /// the name of each, and what it means. `l0-runtime explain` shows them.
    const REASONS: &'static [(&'static str, &'static str)] = &[];
    /// What `l0-runtime init` writes for this kind; without it `init` does not offer it.
    const TEMPLATE: Option<Template> = None;

    /// Everything that can be found wrong without a network; local files are read.
    fn check(&self, _context: &Context) -> Vec<Finding> {
        Vec::new()
    }

    /// One line for the start of the log: what this stage talks to.
    fn summary(&self) -> String;

    /// Where a person or a health check reaches this stage, if anywhere.
    fn url(&self) -> Option<String> {
        None
    }

    /// The file with the certificate that it shows there, relative to the configuration; `None` without TLS.
    fn certificate(&self) -> Option<&Path> {
        None
    }

    /// Connects to the outside. Called again with backoff while it returns [`Error::Retryable`].
    fn connect(
        &self,
        context: &Context,
    ) -> impl Future<Output = Result<Box<Self::Stage>, Error>> + Send;

    /// Looks at the outside and says whether [`connect`](Self::connect) and the work after it would
    /// go well: for `l0-runtime doctor`. It changes nothing anywhere.
    fn examine(&self, _context: &Context) -> impl Future<Output = Examination> + Send {
        async { Examination::default() }
    }

    /// Of a sink: shows what documents become, for `l0-runtime test`. `None` from a stage that shows no
    /// rows.
    ///
    /// With the `outside` in tables of its own that are like the real ones, and gone afterwards.
    /// Without it as far as the section alone says: nobody is asked, so it is ready at once.
    fn rehearse(
        &self,
        _outside: Option<&Context>,
    ) -> impl Future<Output = Result<Option<Box<dyn Rehearsal>>, Error>> + Send {
        async { Ok(None) }
    }

    /// Of a sink: the letters of a pipeline, by their own credentials alone: who mends letters needs
    /// nothing that a worker needs. `None` from a sink that gives them only once it is connected.
    fn dead_letters(
        &self,
        _context: &Context,
        _pipeline: &str,
    ) -> impl Future<Output = Result<Option<Arc<dyn DeadLetters>>, Error>> + Send {
        async { Ok(None) }
    }

    /// Prepares the outside for this stage (tables, roles), as an administrator. Idempotent.
    /// Returns one line per step for the operator.
    fn migrate(
        &self,
        _context: &Context,
        _options: MigrateOptions,
    ) -> impl Future<Output = Result<Vec<String>, Error>> + Send {
        async { Ok(Vec::new()) }
    }
}

/// What [`Plugin::migrate`] may change beyond what is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MigrateOptions {
    /// Roles that exist get the passwords of the configuration. Without it they are left alone:
    /// others may use them.
    pub set_passwords: bool,
}

/// What a stage may know of the pipeline around it.
#[derive(Debug, Clone)]
pub struct Context {
    /// Name of the pipeline.
    pub pipeline: String,
    /// How many workers call the stages at once.
    pub workers: usize,
    /// Most documents in one batch.
    pub max_batch: usize,
    /// Largest payload that is parsed, in bytes.
    pub max_document_bytes: usize,
    /// Folder of `pipeline.toml`; relative paths start here.
    pub base: PathBuf,
}

impl Context {
    /// Resolves a path of the configuration.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.base.join(path)
    }
}

//! A kind of stage: the struct that its section is read into.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::doctor::Examination;
use crate::existing;
use crate::letters::DeadLetters;
use crate::rehearsal::Rehearsal;
use crate::template::Template;
use crate::{Envelope, Error, Finding, Query, Sink, Source, Validator};

/// One of the four places of a pipeline.
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

/// A kind of stage. The struct implements it that its section of `pipeline.toml` deserialises to.
///
/// Derive `Deserialize` without `flatten` or `tag`: with them an error no longer knows its place in
/// the file. Derive `JsonSchema` too: from it and the fields' docstrings an editor knows the
/// section. If you derive them through [`serde`](crate::serde) and [`schemars`](crate::schemars),
/// write `#[serde(crate = "l0_stage::serde")]` and `#[schemars(crate = "l0_stage::schemars")]`.
///
/// ```
/// use l0_stage::{Context, Document, Error, Finding, Plugin, Reason, Rejection, Validator};
///
/// /// `[validate.longest]`
/// #[derive(l0_stage::serde::Deserialize, l0_stage::schemars::JsonSchema)]
/// #[serde(crate = "l0_stage::serde")]
/// #[schemars(crate = "l0_stage::schemars")]
/// struct LongestConfig {
///     /// The most members that a document may have.
///     members: usize,
/// }
///
/// impl Plugin for LongestConfig {
///     const NAME: &'static str = "longest";
///     const EXAMPLE: &'static str = "[validate.longest]\nmembers = 20   # the most that are accepted\n";
///     const REASONS: &'static [(&'static str, &'static str)] =
///         &[("too_many_members", "It has more members than `members` allows.")];
///     type Stage = dyn Validator;
///
///     fn check(&self, _: &Context) -> Vec<Finding> {
///         let none = Finding::new("members", "no document would be accepted").help("write 1 or more");
///         if self.members == 0 { vec![none] } else { Vec::new() }
///     }
///
///     fn summary(&self) -> String {
///         format!("at most {} members", self.members)
///     }
///
///     async fn connect(&self, _: &Context) -> Result<Box<dyn Validator>, Error> {
///         Ok(Box::new(Longest(self.members)))
///     }
/// }
///
/// struct Longest(usize);
///
/// impl Validator for Longest {
///     fn validate(&self, document: &Document) -> Result<(), Rejection> {
///         let members = document.json().as_object().map_or(0, |members| members.len());
///         let reason = Reason::Other("too_many_members");
///         let rejection = || Rejection::new(reason, format!("document: has {members} members"));
///         (members <= self.0).then_some(()).ok_or_else(rejection)
///     }
/// }
/// ```
pub trait Plugin: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The `nats` of `[source.nats]`.
    const NAME: &'static str;
    /// A complete section with comments: `include_str!("../example.toml")`. A test parses it.
    const EXAMPLE: &'static str;
    /// `dyn Source`, `dyn Validator`, `dyn Sink` or `dyn Query`.
    type Stage: ?Sized + Role;
    /// Sections below this one that only `l0-runtime migrate` uses. Other commands do not require
    /// their variables.
    const ONLY_MIGRATE: &'static [&'static str] = &[];
    /// Of a sink: what its database refuses, and whose fault that is. `l0-runtime explain` shows
    /// it.
    const REFUSALS: &'static [(&'static str, &'static str)] = &[];
    /// Reasons of its own that a document can be rejected for ([`Reason::Other`](crate::Reason::Other)):
    /// the name of each, and what it means. `l0-runtime explain` shows them.
    const REASONS: &'static [(&'static str, &'static str)] = &[];
    /// What `l0-runtime init` writes for this kind. Without it `init` does not offer the kind.
    const TEMPLATE: Option<Template> = None;

    /// Finds everything that is wrong without using a network. Local files are read.
    fn check(&self, _context: &Context) -> Vec<Finding> {
        Vec::new()
    }

    /// Of a source: what its messages have beside their payload.
    fn envelope(&self) -> Envelope {
        Envelope::default()
    }

    /// Of a sink: what is wrong with its section if messages come in this envelope. Called beside
    /// [`check`](Self::check) where the pipeline has a source.
    fn check_envelope(&self, _envelope: &Envelope) -> Vec<Finding> {
        Vec::new()
    }

    /// One line for the start of the log: the service that this stage talks to.
    fn summary(&self) -> String;

    /// The address at which a person or a health check reaches this stage, if it has one.
    fn url(&self) -> Option<String> {
        None
    }

    /// The file of the certificate that it shows there, relative to the configuration. `None`
    /// without TLS.
    fn certificate(&self) -> Option<&Path> {
        None
    }

    /// Connects to the service. Called again with backoff while it returns [`Error::Retryable`].
    fn connect(
        &self,
        context: &Context,
    ) -> impl Future<Output = Result<Box<Self::Stage>, Error>> + Send;

    /// For `l0-runtime doctor`: checks whether [`connect`](Self::connect) and the work after it
    /// would succeed. It changes nothing anywhere.
    fn examine(&self, _context: &Context) -> impl Future<Output = Examination> + Send {
        async { Examination::default() }
    }

    /// Of a sink: shows the rows that documents become, for `l0-runtime test`. `None` from a stage
    /// that shows no rows.
    ///
    /// With `outside`, it uses temporary tables that are like the real ones. Without it, it uses
    /// only the section and no network, so the future is ready at once.
    fn rehearse(
        &self,
        _outside: Option<&Context>,
    ) -> impl Future<Output = Result<Option<Box<dyn Rehearsal>>, Error>> + Send {
        async { Ok(None) }
    }

    /// Of a sink: the letters of a pipeline, with credentials that only they need. A person who
    /// repairs letters needs none of the worker's rights. `None` from a sink that gives them only
    /// after it is connected.
    fn dead_letters(
        &self,
        _context: &Context,
        _pipeline: &str,
    ) -> impl Future<Output = Result<Option<Arc<dyn DeadLetters>>, Error>> + Send {
        async { Ok(None) }
    }

    /// Of a sink: the table of this name as it is in the database, for `l0-runtime init --table`.
    /// Its own section names no columns yet. `None` if there is no such table, and from a sink
    /// without tables. It changes nothing anywhere.
    fn describe(
        &self,
        _context: &Context,
        _table: &str,
    ) -> impl Future<Output = Result<Option<existing::Table>, Error>> + Send {
        async { Ok(None) }
    }

    /// Prepares the service for this stage (tables, roles), as an administrator. Idempotent.
    /// Returns one line per step for the operator.
    fn migrate(
        &self,
        _context: &Context,
        _options: MigrateOptions,
    ) -> impl Future<Output = Result<Vec<String>, Error>> + Send {
        async { Ok(Vec::new()) }
    }
}

/// What [`Plugin::migrate`] may change beyond creating what is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MigrateOptions {
    /// Whether existing roles get the passwords of the configuration. Otherwise they keep theirs,
    /// because other programs may use them.
    pub set_passwords: bool,
}

/// What a stage may know of its pipeline.
#[derive(Debug, Clone)]
pub struct Context {
    /// Name of the pipeline.
    pub pipeline: String,
    /// How many workers call the stages at the same time.
    pub workers: usize,
    /// Most documents in one batch.
    pub max_batch: usize,
    /// Largest payload that is parsed, in bytes.
    pub max_document_bytes: usize,
    /// The folder of `pipeline.toml`, where relative paths start.
    pub base: PathBuf,
}

impl Context {
    /// Resolves a path from the configuration.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.base.join(path)
    }
}

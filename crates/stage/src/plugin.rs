//! The trait that a kind of stage implements on the struct of its section, and its context.

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

/// One of the four roles of a pipeline: source, validate, sink, query.
pub trait Role: 'static {
    /// The name of the role in a section: the `source` of `[source.nats]`.
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

/// A kind of stage. Implement this trait for the struct that the stage's section of `pipeline.toml`
/// deserialises to.
///
/// Derive `Deserialize` without `flatten` or `tag`: with them an error no longer knows its place in
/// the file. Derive `JsonSchema` too. Editors use the schema, with the fields' docstrings, to
/// complete and explain the section. If you derive them through [`serde`](crate::serde) and
/// [`schemars`](crate::schemars), write `#[serde(crate = "l0_stage::serde")]` and `#[schemars(crate
/// = "l0_stage::schemars")]`.
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
    /// The name of the kind in a section: the `nats` of `[source.nats]`.
    const NAME: &'static str;
    /// A complete section with comments, usually `include_str!("../example.toml")`. A test parses
    /// it.
    const EXAMPLE: &'static str;
    /// The role of this kind: `dyn Source`, `dyn Validator`, `dyn Sink` or `dyn Query`.
    type Stage: ?Sized + Role;
    /// Subsections that only `l0-runtime migrate` uses. Other commands do not require the variables
    /// in these subsections.
    const ONLY_MIGRATE: &'static [&'static str] = &[];
    /// For a sink: pairs of what its database may refuse, and whose fault that is. `l0-runtime
    /// explain` shows them.
    const REFUSALS: &'static [(&'static str, &'static str)] = &[];
    /// The stage's own reasons to reject a document ([`Reason::Other`](crate::Reason::Other)):
    /// pairs of a name and its meaning. `l0-runtime explain` shows them.
    const REASONS: &'static [(&'static str, &'static str)] = &[];
    /// What `l0-runtime init` writes for this kind. If it is `None`, `init` does not offer the
    /// kind.
    const TEMPLATE: Option<Template> = None;

    /// Finds every mistake in the section that can be found without a network. It may read local
    /// files.
    fn check(&self, _context: &Context) -> Vec<Finding> {
        Vec::new()
    }

    /// For a source: what its messages have beside their payload.
    fn envelope(&self) -> Envelope {
        Envelope::default()
    }

    /// For a sink: what is wrong with its section if the source's messages have this envelope. The
    /// engine calls it together with [`check`](Self::check) if the pipeline has a source.
    fn check_envelope(&self, _envelope: &Envelope) -> Vec<Finding> {
        Vec::new()
    }

    /// One line about the service that this stage talks to. The log shows it at the start.
    fn summary(&self) -> String;

    /// The URL at which people or health checks reach this stage. `None` if the stage does not
    /// listen.
    fn url(&self) -> Option<String> {
        None
    }

    /// The certificate file of the listener at [`url`](Self::url), relative to the folder of the
    /// configuration. `None` without TLS.
    fn certificate(&self) -> Option<&Path> {
        None
    }

    /// Connects to the service. The engine calls it again with backoff while it returns
    /// [`Error::Retryable`].
    fn connect(
        &self,
        context: &Context,
    ) -> impl Future<Output = Result<Box<Self::Stage>, Error>> + Send;

    /// For `l0-runtime doctor`: checks whether [`connect`](Self::connect) and the work after it
    /// would succeed. It changes nothing anywhere.
    fn examine(&self, _context: &Context) -> impl Future<Output = Examination> + Send {
        async { Examination::default() }
    }

    /// For a sink: prepares to show the rows that documents become, for `l0-runtime test`. Returns
    /// `None` if the stage cannot show rows.
    ///
    /// If `outside` is given, the sink may connect to its database, and uses temporary copies of
    /// the real tables. If `outside` is `None`, the sink uses only the section and no network, so
    /// the future must be ready at once.
    fn rehearse(
        &self,
        _outside: Option<&Context>,
    ) -> impl Future<Output = Result<Option<Box<dyn Rehearsal>>, Error>> + Send {
        async { Ok(None) }
    }

    /// For a sink: opens the dead letters of a pipeline with credentials of their own. So an
    /// operator who repairs letters does not need the rights of a worker. Returns `None` if the
    /// sink offers its letters only after [`connect`](Self::connect).
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

    /// Prepares the service for this stage, for example its tables and roles, with an
    /// administrator's rights. A second call changes nothing. Returns one line per step for the
    /// operator.
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
    /// Whether existing roles get the passwords of the configuration. If not, existing roles keep
    /// their passwords, because other programs may use these roles.
    pub set_passwords: bool,
}

/// The values of the pipeline that a stage may use.
#[derive(Debug, Clone)]
pub struct Context {
    /// The name of the pipeline.
    pub pipeline: String,
    /// How many workers call the stages at the same time.
    pub workers: usize,
    /// The most documents in one batch.
    pub max_batch: usize,
    /// The largest payload that is parsed, in bytes. A larger one becomes a dead letter.
    pub max_document_bytes: usize,
    /// The folder of `pipeline.toml`, where relative paths start.
    pub base: PathBuf,
}

impl Context {
    /// Resolves a path of the configuration against [`base`](Self::base).
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.base.join(path)
    }
}

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use l0_stage::doctor::Examination;
use l0_stage::letters::DeadLetters;
use l0_stage::rehearsal::Rehearsal;
use l0_stage::{
    Context, Error, Finding, MigrateOptions, Plugin, Query, Role, Sink, Source, Validator,
};
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;

use crate::config::{Config, Report};

/// The kinds of stages that a binary has. Filled in one place, by ordinary code.
#[derive(Default)]
pub struct Registry {
    sources: Kinds<dyn Source>,
    validators: Kinds<dyn Validator>,
    sinks: Kinds<dyn Sink>,
    queries: Kinds<dyn Query>,
    observer: Option<Kind<dyn Query>>,
}

/// The section of [`Registry::observed_by`].
pub const OBSERVE: &str = "observe";

impl Registry {
    /// Adds a kind to its role.
    #[must_use]
    pub fn with<P: Plugin>(self) -> Self
    where
        P::Stage: Slot,
    {
        self.with_about::<P>("")
    }

    /// The same, with the line that `l0-runtime list` shows for it.
    #[must_use]
    pub fn with_about<P: Plugin>(mut self, about: &'static str) -> Self
    where
        P::Stage: Slot,
    {
        let kind = Kind::of::<P>(P::Stage::NAME, P::NAME, about);
        P::Stage::kinds_mut(&mut self).0.push(kind);
        self
    }

    /// What tells of every instance, with or without a query stage: `[observe]`.
    #[must_use]
    pub fn observed_by<P: Plugin<Stage = dyn Query>>(mut self, about: &'static str) -> Self {
        self.observer = Some(Kind::of::<P>(OBSERVE, "", about));
        self
    }

    /// What a user may know of every kind, in the order of the flow.
    #[must_use]
    pub fn guides(&self) -> Vec<Guide> {
        let sources = self.sources.guides().chain(self.validators.guides());
        sources.chain(self.sinks.guides()).chain(self.queries.guides()).collect()
    }

    /// The same of `[observe]`, which has no kinds.
    #[must_use]
    pub fn observer_guide(&self) -> Option<Guide> {
        self.observer.as_ref().map(|kind| kind.guide)
    }

    /// Its schema.
    pub(crate) fn observer_schema(&self, generator: &mut SchemaGenerator) -> Option<Schema> {
        self.observer.as_ref().map(|kind| (kind.schema)(generator))
    }

    /// Reads `[observe]`; `None` also where the configuration has none.
    pub(crate) fn load_observer(
        &self,
        config: &Config,
        report: &mut Report,
    ) -> Option<Box<dyn Prepared<dyn Query>>> {
        let kind = self.observer.as_ref().filter(|_| config.has(OBSERVE))?;
        (kind.load)(config, OBSERVE, &[], report)
    }

    /// The kinds of a role.
    #[must_use]
    pub fn kinds<S: Slot + ?Sized>(&self) -> &Kinds<S> {
        S::kinds(self)
    }
}

/// A role's place in the registry.
pub trait Slot: Role {
    /// Its kinds.
    fn kinds(registry: &Registry) -> &Kinds<Self>;
    /// Its kinds, to add one.
    fn kinds_mut(registry: &mut Registry) -> &mut Kinds<Self>;
}

macro_rules! slot {
    ($role:ty, $field:ident) => {
        impl Slot for $role {
            fn kinds(registry: &Registry) -> &Kinds<Self> {
                &registry.$field
            }
            fn kinds_mut(registry: &mut Registry) -> &mut Kinds<Self> {
                &mut registry.$field
            }
        }
    };
}
slot!(dyn Source, sources);
slot!(dyn Validator, validators);
slot!(dyn Sink, sinks);
slot!(dyn Query, queries);

/// The kinds of one role.
pub struct Kinds<S: ?Sized>(Vec<Kind<S>>);

impl<S: ?Sized> Default for Kinds<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What a user may know of a kind before using it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// The `source` of `[source.nats]`.
    pub role: &'static str,
    /// The `nats` of it.
    pub kind: &'static str,
    /// One line; empty if nobody gave one.
    pub about: &'static str,
    /// [`Plugin::EXAMPLE`]
    pub example: &'static str,
    /// [`Plugin::REFUSALS`]
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub refusals: &'static [(&'static str, &'static str)],
}

struct Kind<S: ?Sized> {
    guide: Guide,
    only_migrate: &'static [&'static str],
    schema: fn(&mut SchemaGenerator) -> Schema,
    load: Load<S>,
}

impl<S: ?Sized> Kind<S> {
    fn of<P: Plugin<Stage = S>>(
        role: &'static str,
        kind: &'static str,
        about: &'static str,
    ) -> Self {
        let guide = Guide { role, kind, about, example: P::EXAMPLE, refusals: P::REFUSALS };
        let schema = SchemaGenerator::subschema_for::<P>;
        Self { guide, only_migrate: P::ONLY_MIGRATE, schema, load: load::<P> }
    }
}

/// Reads a section; problems go into the report.
type Load<S> = fn(&Config, &str, &[&str], &mut Report) -> Option<Box<dyn Prepared<S>>>;

impl<S: Role + ?Sized> Kinds<S> {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.guide.kind).collect()
    }

    /// What may stand below the role: one of its kinds.
    pub(crate) fn schemas(&self, generator: &mut SchemaGenerator) -> Vec<(Guide, Schema)> {
        self.0.iter().map(|kind| (kind.guide, (kind.schema)(generator))).collect()
    }

    fn guides(&self) -> impl Iterator<Item = Guide> {
        self.0.iter().map(|kind| kind.guide)
    }

    /// Reads the section of the kind that the configuration names; `None` also when it names none.
    pub(crate) fn load(
        &self,
        config: &Config,
        migrating: bool,
        report: &mut Report,
    ) -> Option<(String, Box<dyn Prepared<S>>)> {
        let named = config.kinds(S::NAME);
        let kind = self.0.iter().find(|kind| named.iter().any(|name| name == kind.guide.kind))?;
        let section = format!("{}.{}", S::NAME, kind.guide.kind);
        let omitted = if migrating { &[] } else { kind.only_migrate };
        let stage = (kind.load)(config, &section, omitted, report)?;
        Some((section, stage))
    }
}

fn load<P: Plugin>(
    config: &Config,
    section: &str,
    omitted: &[&str],
    report: &mut Report,
) -> Option<Box<dyn Prepared<P::Stage>>> {
    let plugin: P = config.section(section, omitted, report)?;
    Some(Box::new(plugin))
}

/// What [`Plugin::rehearse`] returns.
pub type Rehearsing = Result<Option<Box<dyn Rehearsal>>, Error>;

/// What [`Plugin::dead_letters`] returns.
pub type MendingLetters = Result<Option<Arc<dyn DeadLetters>>, Error>;

/// A [`Plugin`] whose type is forgotten.
pub trait Prepared<S: ?Sized>: Send + Sync {
    /// [`Plugin::check`]
    fn check(&self, context: &Context) -> Vec<Finding>;
    /// [`Plugin::summary`]
    fn summary(&self) -> String;
    /// [`Plugin::url`]
    fn url(&self) -> Option<String>;
    /// [`Plugin::certificate`]
    fn certificate(&self) -> Option<&Path>;
    /// [`Plugin::connect`]
    fn connect<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Box<S>, Error>>;
    /// [`Plugin::examine`]
    fn examine<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Examination>;
    /// [`Plugin::rehearse`]
    fn rehearse<'a>(&'a self, outside: Option<&'a Context>) -> BoxFuture<'a, Rehearsing>;
    /// [`Plugin::dead_letters`]
    fn dead_letters<'a>(
        &'a self,
        context: &'a Context,
        pipeline: &'a str,
    ) -> BoxFuture<'a, MendingLetters>;
    /// [`Plugin::migrate`]
    fn migrate<'a>(
        &'a self,
        context: &'a Context,
        options: MigrateOptions,
    ) -> BoxFuture<'a, Result<Vec<String>, Error>>;
}

impl<P: Plugin> Prepared<P::Stage> for P {
    fn check(&self, context: &Context) -> Vec<Finding> {
        Plugin::check(self, context)
    }

    fn summary(&self) -> String {
        Plugin::summary(self)
    }

    fn url(&self) -> Option<String> {
        Plugin::url(self)
    }

    fn certificate(&self) -> Option<&Path> {
        Plugin::certificate(self)
    }

    fn connect<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Box<P::Stage>, Error>> {
        Box::pin(Plugin::connect(self, context))
    }

    fn examine<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Examination> {
        Box::pin(Plugin::examine(self, context))
    }

    fn rehearse<'a>(&'a self, outside: Option<&'a Context>) -> BoxFuture<'a, Rehearsing> {
        Box::pin(Plugin::rehearse(self, outside))
    }

    fn dead_letters<'a>(
        &'a self,
        context: &'a Context,
        pipeline: &'a str,
    ) -> BoxFuture<'a, MendingLetters> {
        Box::pin(Plugin::dead_letters(self, context, pipeline))
    }

    fn migrate<'a>(
        &'a self,
        context: &'a Context,
        options: MigrateOptions,
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(Plugin::migrate(self, context, options))
    }
}

//! The kinds of one role, and how the section of a kind is read.

use l0_stage::template::Template;
use l0_stage::{Plugin, Role};
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;

use super::prepared::Prepared;
use l0_config::{Config, Report};

/// The kinds of one role.
pub struct Kinds<S: ?Sized>(pub(super) Vec<Kind<S>>);

impl<S: ?Sized> Default for Kinds<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Role + ?Sized> Kinds<S> {
    /// The names of the kinds.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.guide.kind).collect()
    }

    /// The schemas of the kinds, one of which may stand below the role.
    pub(crate) fn schemas(&self, generator: &mut SchemaGenerator) -> Vec<(Guide, Schema)> {
        self.0.iter().map(|kind| (kind.guide, (kind.schema)(generator))).collect()
    }

    /// The guide of the kind that the configuration names, even if its section has mistakes.
    pub(crate) fn named(&self, config: &Config) -> Option<Guide> {
        self.kind(config).map(|kind| kind.guide)
    }

    fn kind(&self, config: &Config) -> Option<&Kind<S>> {
        let named = config.kinds(S::NAME);
        self.0.iter().find(|kind| named.iter().any(|name| name == kind.guide.kind))
    }

    pub(super) fn guides(&self) -> impl Iterator<Item = Guide> {
        self.0.iter().map(|kind| kind.guide)
    }

    /// Reads the section of the kind that the configuration names. `None` if it names none, or one
    /// with mistakes.
    pub(crate) fn load(
        &self,
        config: &Config,
        migrating: bool,
        report: &mut Report,
    ) -> Option<(String, Box<dyn Prepared<S>>)> {
        let kind = self.kind(config)?;
        let section = format!("{}.{}", S::NAME, kind.guide.kind);
        let omitted = if migrating { &[] } else { kind.only_migrate };
        let stage = (kind.load)(config, &section, omitted, report)?;
        Some((section, stage))
    }
}

/// What a user may know of a kind before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// The `source` of `[source.nats]`.
    pub role: &'static str,
    /// The `nats` of `[source.nats]`.
    pub kind: &'static str,
    /// One line on the kind; may be empty.
    pub about: &'static str,
    /// [`Plugin::EXAMPLE`]
    pub example: &'static str,
    /// [`Plugin::REFUSALS`]
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub refusals: &'static [(&'static str, &'static str)],
    /// [`Plugin::REASONS`]
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub reasons: &'static [(&'static str, &'static str)],
    /// [`Plugin::TEMPLATE`]
    #[serde(skip)]
    pub template: Option<Template>,
}

/// A kind of stage as the functions that the registry calls.
pub(super) struct Kind<S: ?Sized> {
    pub guide: Guide,
    only_migrate: &'static [&'static str],
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    pub load: Load<S>,
}

impl<S: ?Sized> Kind<S> {
    pub fn of<P: Plugin<Stage = S>>(
        role: &'static str,
        kind: &'static str,
        about: &'static str,
    ) -> Self {
        let guide = Guide {
            role,
            kind,
            about,
            example: P::EXAMPLE,
            refusals: P::REFUSALS,
            reasons: P::REASONS,
            template: P::TEMPLATE,
        };
        let schema = SchemaGenerator::subschema_for::<P>;
        Self { guide, only_migrate: P::ONLY_MIGRATE, schema, load: load::<P> }
    }
}

/// Reads a section. Mistakes go into the report.
pub(super) type Load<S> = fn(&Config, &str, &[&str], &mut Report) -> Option<Box<dyn Prepared<S>>>;

fn load<P: Plugin>(
    config: &Config,
    section: &str,
    omitted: &[&str],
    report: &mut Report,
) -> Option<Box<dyn Prepared<P::Stage>>> {
    let plugin: P = config.section(section, omitted, report)?;
    Some(Box::new(plugin))
}

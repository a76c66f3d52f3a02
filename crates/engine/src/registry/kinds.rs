//! The kinds of stages of one role, and the reading of their sections.

use l0_stage::template::Template;
use l0_stage::{Plugin, Role};
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;

use super::prepared::Prepared;
use l0_config::{Config, Report};

/// The kinds of stages that the binary has for one role.
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

    /// The guides and schemas of the kinds.
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

    /// Reads the section of the kind that the configuration names. `None` if the configuration
    /// names no known kind of this role, or if the section has mistakes.
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

/// What `l0-runtime list` and `explain` show about a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// The name of the role: the `source` of `[source.nats]`.
    pub role: &'static str,
    /// The name of the kind: the `nats` of `[source.nats]`.
    pub kind: &'static str,
    /// One line about the kind. It may be empty.
    pub about: &'static str,
    /// The example section of the kind: its [`Plugin::EXAMPLE`].
    pub example: &'static str,
    /// What the kind's database may refuse: its [`Plugin::REFUSALS`].
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub refusals: &'static [(&'static str, &'static str)],
    /// The kind's own reasons to reject documents: its [`Plugin::REASONS`].
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub reasons: &'static [(&'static str, &'static str)],
    /// What `l0-runtime init` writes for the kind: its [`Plugin::TEMPLATE`].
    #[serde(skip)]
    pub template: Option<Template>,
}

/// A kind of stage: its guide, and the functions that generate its schema and read its section.
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

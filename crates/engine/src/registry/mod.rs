//! The registry of the kinds of stages that a binary has.

mod kinds;
mod prepared;

use std::sync::OnceLock;

use l0_stage::{Plugin, Query, Role as _, Sink, Source, Validator};
use schemars::{Schema, SchemaGenerator};

pub use kinds::{Guide, Kinds};
pub use prepared::{Describing, MendingLetters, Prepared, Rehearsing};

use crate::contain::Contain;
use crate::schema::schema;
use kinds::Kind;
use l0_config::{Config, Keys, Report};

/// The kinds of stages that a binary has. The code of the binary registers them in one place.
#[derive(Default)]
pub struct Registry {
    sources: Kinds<dyn Source>,
    validators: Kinds<dyn Validator>,
    sinks: Kinds<dyn Sink>,
    queries: Kinds<dyn Query>,
    observer: Option<Kind<dyn Query>>,
    keys: OnceLock<Keys>,
}

/// The section of [`Registry::observed_by`].
pub const OBSERVE: &str = "observe";

impl Registry {
    /// Adds a kind of stage.
    #[must_use]
    pub fn with<P: Plugin>(self) -> Self
    where
        P::Stage: Slot,
    {
        self.with_about::<P>("")
    }

    /// Adds a kind of stage, with the line that `l0-runtime list` shows about it.
    #[must_use]
    pub fn with_about<P: Plugin>(mut self, about: &'static str) -> Self
    where
        P::Stage: Slot,
    {
        let kind = Kind::of::<P>(P::Stage::NAME, P::NAME, about);
        self.keys = OnceLock::new();
        P::Stage::kinds_mut(&mut self).0.push(kind);
        self
    }

    /// Sets the stage behind the section `[observe]`. It answers health checks and shows the status
    /// of an instance, also of one without a query stage.
    #[must_use]
    pub fn observed_by<P: Plugin<Stage = dyn Query>>(mut self, about: &'static str) -> Self {
        self.keys = OnceLock::new();
        self.observer = Some(Kind::of::<P>(OBSERVE, "", about));
        self
    }

    /// The schema of these kinds, which says which keys hold secrets.
    pub fn keys(&self) -> Keys {
        self.keys.get_or_init(|| Keys::new(schema(self))).clone()
    }

    /// The guides of all kinds: sources, validators, sinks, query stages.
    #[must_use]
    pub fn guides(&self) -> Vec<Guide> {
        let sources = self.sources.guides().chain(self.validators.guides());
        sources.chain(self.sinks.guides()).chain(self.queries.guides()).collect()
    }

    /// The guide of `[observe]`. It is separate, because `[observe]` has no kinds.
    #[must_use]
    pub fn observer_guide(&self) -> Option<Guide> {
        self.observer.as_ref().map(|kind| kind.guide)
    }

    /// The schema of `[observe]`.
    pub(crate) fn observer_schema(&self, generator: &mut SchemaGenerator) -> Option<Schema> {
        self.observer.as_ref().map(|kind| (kind.schema)(generator))
    }

    /// Reads `[observe]`. `None` if the configuration does not have the section, or if the section
    /// has mistakes.
    pub(crate) fn load_observer(
        &self,
        config: &Config,
        report: &mut Report,
    ) -> Option<Box<dyn Prepared<dyn Query>>> {
        let kind = self.observer.as_ref().filter(|_| config.has(OBSERVE))?;
        (kind.load)(config, OBSERVE, &[], report)
    }

    /// The kinds of stages of a role.
    #[must_use]
    pub fn kinds<S: Slot + ?Sized>(&self) -> &Kinds<S> {
        S::kinds(self)
    }
}

/// A role, with its list of kinds in the registry.
pub trait Slot: Contain {
    /// The list of the role's kinds.
    fn kinds(registry: &Registry) -> &Kinds<Self>;
    /// The list of the role's kinds, mutably, so that a kind can be added.
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

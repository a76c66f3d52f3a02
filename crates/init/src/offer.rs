//! The kinds of stages that a binary has and `init` can write.

use l0_engine::{Guide, Registry};
use l0_stage::template::{TablesTemplate, Template};
use l0_stage::{Query, Role, Sink, Source, Validator};

/// A kind, and what `init` writes for it.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// The name of the kind, for example `file` of `[source.file]`.
    pub kind: &'static str,
    /// The text that `init` writes for this kind.
    pub template: Template,
}

/// The kinds that a binary offers, by role.
#[derive(Debug)]
pub struct Offers {
    /// Kinds of sources.
    pub sources: Vec<Offer>,
    /// Kinds of sinks.
    pub sinks: Vec<Offer>,
    pub(crate) validators: Vec<Offer>,
    pub(crate) queries: Vec<Offer>,
}

impl Offers {
    /// The offers of a binary with these kinds.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let guides = registry.guides();
        let mut sinks = offers(&guides, <dyn Sink>::NAME);
        sinks.retain(|sink| sink.template.tables.is_some());
        Self {
            sources: offers(&guides, <dyn Source>::NAME),
            validators: offers(&guides, <dyn Validator>::NAME),
            sinks,
            queries: offers(&guides, <dyn Query>::NAME),
        }
    }

    /// Prefixes of table names that any of the databases reserves. All of them count, because a
    /// pipeline can move from one database to another.
    pub(crate) fn reserved(&self) -> Vec<&'static str> {
        let tables = self.sinks.iter().filter_map(|sink| sink.template.tables);
        tables.flat_map(|tables| tables.reserved).copied().collect()
    }

    pub(crate) fn source(&self, kind: &str) -> Result<Offer, String> {
        let source = self.sources.iter().find(|source| source.kind == kind);
        source.copied().ok_or_else(|| format!("`{kind}` is not a source of this binary"))
    }

    pub(crate) fn sink(&self, kind: &str) -> Result<(Offer, TablesTemplate), String> {
        let sink = self.sinks.iter().find(|sink| sink.kind == kind);
        let sink = sink.and_then(|sink| Some((*sink, sink.template.tables?)));
        sink.ok_or_else(|| format!("`{kind}` is not a sink of this binary"))
    }
}

/// The kind that `init` takes by default: the first one that needs no service.
#[must_use]
pub fn usual(offers: &[Offer]) -> Option<&Offer> {
    offers.iter().find(|offer| !offer.template.needs_service).or(offers.first())
}

fn offers(guides: &[Guide], role: &str) -> Vec<Offer> {
    let of_role = guides.iter().filter(|guide| guide.role == role);
    of_role
        .filter_map(|guide| Some(Offer { kind: guide.kind, template: guide.template? }))
        .collect()
}

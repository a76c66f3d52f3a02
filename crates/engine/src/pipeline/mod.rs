//! A checked configuration: the stages of a pipeline, ready to connect.

mod load;
mod needs;
pub(crate) mod settings;
mod whole;

use l0_stage::observe::StageInfo;
use l0_stage::{Context, Query, Role, Sink, Source, Validator};

pub use needs::Needs;
pub use settings::{LogStored, Settings};

use crate::registry::Prepared;
use crate::verbs::rehearse::Test;

/// A stage whose section has been read and checked.
pub struct Stage<S: ?Sized> {
    /// The name of its section, `source.nats`.
    pub section: String,
    /// The stage, which can be checked and connected.
    pub kind: Box<dyn Prepared<S>>,
}

impl<S: Role + ?Sized> Stage<S> {
    fn info(&self) -> StageInfo {
        let kind = self.section.rsplit('.').next().unwrap_or_default().to_owned();
        StageInfo { role: S::NAME, kind, summary: self.kind.summary() }
    }
}

/// A configuration that was checked, before any stage is connected.
pub struct Pipeline {
    /// `[pipeline]`
    pub settings: Settings,
    /// What the stages may know of the pipeline.
    pub context: Context,
    /// `[source.*]`
    pub source: Option<Stage<dyn Source>>,
    /// `[validate.*]`
    pub validator: Option<Stage<dyn Validator>>,
    /// `[sink.*]`
    pub sink: Option<Stage<dyn Sink>>,
    /// `[query.*]`
    pub query: Option<Stage<dyn Query>>,
    /// `[observe]`
    pub observe: Option<Stage<dyn Query>>,
    /// `[[tests]]`
    pub tests: Vec<Test>,
}

impl Pipeline {
    /// Its stages in the order of the flow.
    pub(crate) fn stages(&self) -> Vec<StageInfo> {
        let Self { source, validator, sink, query, .. } = self;
        let stages = [
            source.as_ref().map(|stage| stage.info()),
            validator.as_ref().map(|stage| stage.info()),
            sink.as_ref().map(|stage| stage.info()),
            query.as_ref().map(|stage| stage.info()),
        ];
        stages.into_iter().flatten().collect()
    }
}

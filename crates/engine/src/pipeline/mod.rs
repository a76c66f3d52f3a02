//! A checked configuration: the stages of a pipeline, ready to connect.

mod load;
mod needs;
pub(crate) mod settings;
mod stage;
mod whole;

use l0_stage::observe::StageInfo;
use l0_stage::{Context, Query, Sink, Source, Validator};

pub use needs::Needs;
pub use settings::{LogStored, Settings};
pub use stage::Stage;

use crate::verbs::rehearse::Test;

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

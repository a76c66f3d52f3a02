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

/// A checked configuration. None of its stages is connected yet.
pub struct Pipeline {
    /// `[pipeline]`
    pub settings: Settings,
    /// The values of the pipeline that the stages may use.
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
    /// The stages, in the order in which a message passes them.
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

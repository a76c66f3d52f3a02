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
    /// The stage of `[source.*]`, if the configuration has the section and the command needs it.
    pub source: Option<Stage<dyn Source>>,
    /// The stage of `[validate.*]`, if the configuration has the section and the command needs it.
    pub validator: Option<Stage<dyn Validator>>,
    /// The stage of `[sink.*]`, if the configuration has the section and the command needs it.
    pub sink: Option<Stage<dyn Sink>>,
    /// The stage of `[query.*]`, if the configuration has the section and the command needs it.
    pub query: Option<Stage<dyn Query>>,
    /// The stage of `[observe]`, if the configuration has the section and the command needs it.
    pub observe: Option<Stage<dyn Query>>,
    /// The tests of `[[tests]]`. Empty if the command does not need them.
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

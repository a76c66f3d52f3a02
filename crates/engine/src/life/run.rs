use std::sync::Arc;

use l0_stage::observe::Counts;
use l0_stage::{Stop, View, Why};
use tokio::task::JoinSet;
use tracing::info;

use super::connect::Connecting;
use super::failure::Failure;
use super::instance::RunningInstance;
use super::options::Options;
use super::running::Running;
use super::serving::Serving;
use super::summary;
use crate::pipeline::{LogStored, Pipeline};
use l0_config::Config;

/// Connects the stages, runs the pipeline until `stop` is requested, and drains it.
///
/// # Errors
/// The failure that ended the pipeline. The pipeline was drained before this function returns.
pub async fn run(
    pipeline: Pipeline,
    config: &Config,
    stop: Stop,
    options: Options,
) -> Result<Counts, Failure> {
    let instance = Arc::new(RunningInstance::new(&pipeline, config, &options));
    let RunningInstance { readiness, reader, ledger, .. } = &*instance;
    let name = pipeline.settings.name.clone();
    let (reader, seen) = (Arc::clone(reader), Arc::clone(&instance) as Arc<_>);
    let view = View::new(name, readiness.clone(), reader, seen);
    // This is reported before the query stage answers, because an instance is not ready until its
    // last writer is open.
    let starting = readiness.report("pipeline", Why::Starting, "starting");
    let observing =
        Serving::start(pipeline.observe.as_ref(), &pipeline, view.clone(), &stop).await?;
    let querying = Serving::start(pipeline.query.as_ref(), &pipeline, view, &stop).await?;
    let mut past = JoinSet::new();
    past.spawn(Arc::clone(&instance).keep_history());
    if pipeline.settings.log_stored == LogStored::Summary {
        past.spawn(summary::keep(Arc::clone(&instance)));
    }
    let mut running = Running {
        connecting: Connecting {
            config,
            context: &pipeline.context,
            readiness,
            stop: &stop,
            fail_fast: options.fail_fast,
        },
        pipeline: &pipeline,
        options,
        instance: &instance,
        starting: Some(starting),
    };
    let worked = running.until_stopped(&stop).await;
    let queried = querying.finish().await;
    let observed = observing.finish().await;
    instance.log.end();
    let counts = ledger.counts();
    let Counts { delivered, stored, duplicate, buried, returned, in_hand } = counts;
    info!(delivered, stored, duplicate, buried, returned, in_hand, "drained");
    worked.and(queried).and(observed).map(|()| counts)
}

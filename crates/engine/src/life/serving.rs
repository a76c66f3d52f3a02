//! Stages that answer requests, from the start of an instance to its end.

use l0_stage::{Error, Query, Stop, View, anyhow};
use tokio::task::JoinHandle;

use super::failure::Failure;
use crate::pipeline::{Pipeline, Stage};

/// The task of a query stage or of `[observe]`.
pub(super) struct Serving {
    task: Option<JoinHandle<Result<(), Error>>>,
    stop: Stop,
}

impl Serving {
    pub async fn start(
        stage: Option<&Stage<dyn Query>>,
        pipeline: &Pipeline,
        view: View,
        pipeline_stop: &Stop,
    ) -> Result<Self, Failure> {
        let stop = Stop::new();
        let Some(stage) = stage else { return Ok(Self { task: None, stop }) };
        let query: Box<dyn Query> = stage.kind.connect(&pipeline.context).await?;
        let (own, whole) = (stop.clone(), StopsPipeline(pipeline_stop.clone()));
        let task = tokio::spawn(async move {
            let _whole = whole;
            query.serve(view, own).await
        });
        Ok(Self { task: Some(task), stop })
    }

    pub async fn finish(self) -> Result<(), Failure> {
        self.stop.request();
        match self.task {
            None => Ok(()),
            Some(task) => match task.await {
                Ok(served) => Ok(served?),
                Err(panic) => Err(Failure::Broken(anyhow::anyhow!("query stage: {panic}"))),
            },
        }
    }
}

/// Stops the pipeline when the query stage has ended, by an error or a panic: an instance that does
/// not answer cannot be watched.
struct StopsPipeline(Stop);

impl Drop for StopsPipeline {
    fn drop(&mut self) {
        self.0.request();
    }
}

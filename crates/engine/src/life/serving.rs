//! Runs the stages that answer requests: the query stage and `[observe]`.

use std::time::Duration;

use l0_stage::{Context, Error, Query, Stop, View, Why, anyhow};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::failure::Failure;
use crate::pipeline::{Pipeline, Stage};
use crate::work::trouble::Trouble;

/// A query stage that was restarted after a panic counts as working again after this time.
const WORKS: Duration = Duration::from_secs(5);

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
        let query = stage.connect(&pipeline.context).await?;
        let context = pipeline.context.clone();
        let served = Served { stage: stage.clone(), context, view, stop: stop.clone() };
        let whole = StopsPipeline(pipeline_stop.clone());
        let task = tokio::spawn(async move {
            let _whole = whole;
            served.until_stopped(query).await
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

/// Everything that is needed to restart a query stage after a panic.
struct Served {
    stage: Stage<dyn Query>,
    context: Context,
    view: View,
    stop: Stop,
}

impl Served {
    async fn until_stopped(&self, query: Box<dyn Query>) -> Result<(), Error> {
        let mut trouble = Trouble::new(&self.view.readiness, "query");
        let mut served = self.serve(query, &mut trouble).await;
        while let Err(error @ Error::Retryable { why: Why::Panicked, .. }) = served {
            tokio::select! {
                () = trouble.wait(&error) => {}
                () = self.stop.requested() => return Ok(()),
            }
            served = match self.stage.connect(&self.context).await {
                Ok(query) => self.serve(query, &mut trouble).await,
                Err(error) => Err(error),
            };
        }
        served
    }

    async fn serve(&self, query: Box<dyn Query>, trouble: &mut Trouble) -> Result<(), Error> {
        let mut serving = query.serve(self.view.clone(), self.stop.clone());
        tokio::select! {
            served = &mut serving => return served,
            () = sleep(WORKS) => trouble.heal(),
        }
        serving.await
    }
}

/// Requests the pipeline's stop when it is dropped, which happens when the query stage has ended.
/// Without its query stage a pipeline cannot be watched.
struct StopsPipeline(Stop);

impl Drop for StopsPipeline {
    fn drop(&mut self) {
        self.0.request();
    }
}

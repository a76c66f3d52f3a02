//! Connects the stages that workers share, and runs the workers until the last one has ended.

use std::sync::Arc;
use std::time::Duration;

use l0_stage::observe::UnreadyGuard;
use l0_stage::{Error, Sink, Source, Stop, Validator};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::connect::Connecting;
use super::failure::Failure;
use super::instance::RunningInstance;
use super::options::Options;
use crate::pipeline::Pipeline;
use crate::work::store::Store;
use crate::work::way::Way;
use crate::work::worker::Worker;

/// The longest wait for the source to send the last acks.
const CLOSE: Duration = Duration::from_secs(5);
/// The pause before a worker that panicked is replaced. The message that caused the panic may be
/// delivered again at once.
const REST: Duration = Duration::from_secs(1);
const NOT_CLOSED: &str = "source did not close cleanly: some messages may be delivered again";

/// The connected stages and their workers.
pub(super) struct Running<'a> {
    pub connecting: Connecting<'a>,
    pub pipeline: &'a Pipeline,
    pub options: Options,
    pub instance: &'a RunningInstance,
    pub starting: Option<UnreadyGuard>,
}

/// The stages that workers share.
struct Stages {
    source: Arc<dyn Source>,
    way: Way,
    sink: Arc<dyn Sink>,
}

impl Running<'_> {
    pub async fn until_stopped(&mut self, stop: &Stop) -> Result<(), Failure> {
        let Some(stages) = self.connect().await? else {
            self.starting = None;
            stop.requested().await;
            return Ok(());
        };
        let mut workers = JoinSet::new();
        let mut failure = None;
        for _ in 0..self.pipeline.settings.workers.get() {
            match self.spawn(&stages, &mut workers, stop).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(failed) => {
                    stop.request();
                    failure = Some(failed);
                    break;
                }
            }
        }
        self.starting = None;
        self.connecting.fail_fast = false; // from now on the pipeline waits for absent services
        let worked = self.supervise(&stages, &mut workers, stop).await;
        match timeout(CLOSE, stages.source.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%error, "{NOT_CLOSED}"),
            Err(_) => warn!("{NOT_CLOSED}"),
        }
        failure.map_or(worked, Err)
    }

    /// `None` if the instance has no source and only answers queries, or if the stop was requested
    /// first.
    async fn connect(&self) -> Result<Option<Stages>, Failure> {
        let Pipeline { source, validator, sink, .. } = self.pipeline;
        // The validator is connected before the sink. As soon as the sink is connected, a user can
        // replay dead letters, which needs the validator.
        let validator: Option<Arc<dyn Validator>> = match validator {
            Some(stage) => match self.connecting.at_once(stage).await? {
                Some(validator) => Some(validator.into()),
                None => return Ok(None),
            },
            None => None,
        };
        if let Some(validator) = &validator {
            let _ = self.instance.validator.set(Arc::clone(validator));
        }
        let sink = async {
            let Some(stage) = sink else { return Ok(None) };
            let sink: Option<Box<dyn Sink>> = self.connecting.stage(stage).await?;
            let sink: Option<Arc<dyn Sink>> = sink.map(Into::into);
            if let Some(sink) = &sink {
                let _ = self.instance.sink.set(Arc::clone(sink));
                if let Some(reader) = sink.reader() {
                    let _ = self.instance.reader.set(reader);
                }
            }
            Ok::<_, Failure>(sink)
        };
        let source = async {
            let Some(stage) = source else { return Ok(None) };
            let source: Option<Box<dyn Source>> = self.connecting.stage(stage).await?;
            let source: Option<Arc<dyn Source>> = source.map(Into::into);
            if let Some(source) = &source {
                let _ = self.options.source.set(Arc::clone(source));
                self.instance.refused.allow(source.most_given_back());
            }
            Ok::<_, Failure>(source)
        };
        let (source, sink) = tokio::try_join!(source, sink)?;
        let (Some(source), Some(sink)) = (source, sink) else { return Ok(None) };
        let way = Way::new(self.pipeline.settings.max_document_bytes.get(), validator);
        Ok(Some(Stages { source, way, sink }))
    }

    /// Opens a writer and starts a worker with it. `false` if the stop was requested first.
    async fn spawn(
        &self,
        stages: &Stages,
        workers: &mut JoinSet<Result<(), Error>>,
        stop: &Stop,
    ) -> Result<bool, Failure> {
        let Some(writer) = self.connecting.writer(&*stages.sink).await? else { return Ok(false) };
        let RunningInstance { readiness, ledger, meter, refused, log, .. } = self.instance;
        let (readiness, slot) = (readiness.clone(), meter.slot());
        let worker = Worker {
            source: stages.source.clone(),
            way: stages.way.clone(),
            store: Store::patient(
                writer,
                readiness.clone(),
                meter.clone(),
                slot.clone(),
                refused.clone(),
            ),
            refused: refused.clone(),
            settings: self.pipeline.settings.clone(),
            readiness,
            ledger: ledger.clone(),
            log: log.clone(),
            meter: meter.clone(),
            slot,
            broken: None,
        };
        let stop = stop.clone();
        workers.spawn(async move { worker.work(&stop).await });
        Ok(true)
    }

    /// Waits until the last worker has ended. A worker that panicked is replaced. The panic dropped
    /// its batch unsettled, so the source delivers the batch again.
    async fn supervise(
        &self,
        stages: &Stages,
        workers: &mut JoinSet<Result<(), Error>>,
        stop: &Stop,
    ) -> Result<(), Failure> {
        let mut failure = None;
        let overdue = async {
            stop.requested().await;
            tokio::time::sleep(self.pipeline.settings.shutdown_timeout()).await;
        };
        tokio::pin!(overdue);
        loop {
            let ended = tokio::select! {
                ended = workers.join_next() => ended,
                () = &mut overdue => {
                    warn!(workers = workers.len(), "shutdown timeout: unfinished messages will be delivered again");
                    workers.shutdown().await;
                    break;
                }
            };
            match ended {
                None => break,
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(permanent))) => {
                    stop.request();
                    failure.get_or_insert(Failure::from(permanent));
                }
                Some(Err(panic)) => {
                    error!(%panic, "a worker panicked: its batch will be delivered again");
                    tokio::time::sleep(REST).await;
                    if !stop.is_requested()
                        && let Err(failed) = self.spawn(stages, workers, stop).await
                    {
                        stop.request();
                        failure.get_or_insert(failed);
                    }
                }
            }
        }
        let answering = self.pipeline.query.is_some() && !self.options.exit_when_drained;
        if !stop.is_requested() && answering {
            info!("the input has ended; stored documents can still be queried");
            stop.requested().await;
        }
        failure.map_or(Ok(()), Err)
    }
}

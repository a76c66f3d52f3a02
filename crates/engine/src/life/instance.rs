use std::sync::{Arc, OnceLock};
use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::letters::{BuriedLetter, DeadLetters};
use l0_stage::observe::{
    CountQueries, Degraded, Hashes, History, Instance, Measure, Readiness, Setting, StageInfo,
    Vitals,
};
use l0_stage::text::short_hash;
use l0_stage::{Error, Publisher, Reader, Sink, Validator, Verdict, Why, async_trait};
use tokio::sync::Mutex;
use tracing::warn;

use super::options::{Options, SourceSlot};
use crate::log::Log;
use crate::meter::Meter;
use crate::verbs::replay::Replay;
use crate::verbs::sample::Sample;
use crate::work::ledger::Ledger;
use crate::work::refused::Refused;
use crate::{Pipeline, Settings};
use l0_config::Config;

/// The running instance: its state, and what its query stage may see and do.
pub(crate) struct RunningInstance {
    stages: Vec<StageInfo>,
    program: Option<&'static str>,
    values: Vec<Setting>,
    config_hash: String,
    settings: Settings,
    sample: Option<Sample>,
    /// Whether a source is configured. An instance without a source cannot replay dead letters,
    /// because it may lack the validation stage.
    has_source: bool,
    pub ledger: Ledger,
    pub meter: Meter,
    pub refused: Refused,
    pub log: Log,
    pub readiness: Readiness,
    pub source: SourceSlot,
    pub sink: OnceLock<Arc<dyn Sink>>,
    /// The sink's reader, shared with the views of the query stages.
    pub reader: Arc<OnceLock<Arc<dyn Reader>>>,
    pub validator: OnceLock<Arc<dyn Validator>>,
    queries: OnceLock<CountQueries>,
    /// At most one replay runs at a time.
    replay: Mutex<Option<Replay>>,
}

impl RunningInstance {
    pub fn new(pipeline: &Pipeline, config: &Config, options: &Options) -> Self {
        let (values, stages) = (config.settings(), pipeline.stages());
        let readiness = Readiness::of(&stages, options.program);
        Self {
            stages,
            program: options.program,
            config_hash: hash(&values),
            values,
            settings: pipeline.settings.clone(),
            sample: sample(config),
            has_source: pipeline.source.is_some(),
            ledger: Ledger::default(),
            meter: Meter::new(),
            refused: Refused::new(pipeline.settings.workers.get()),
            log: Log::new(readiness.clone()),
            readiness,
            source: Arc::clone(&options.source),
            sink: OnceLock::new(),
            reader: Arc::default(),
            validator: OnceLock::new(),
            queries: OnceLock::new(),
            replay: Mutex::default(),
        }
    }

    /// Records the numbers of the instance every second, until the future is dropped.
    pub async fn keep_history(self: Arc<Self>) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            second.tick().await;
            let backlog = self.source.get().and_then(|source| source.backlog());
            let lag = backlog.map(|backlog| backlog.waiting);
            self.meter.sample(self.ledger.counts(), lag, &self.readiness.reasons());
            self.log.second(&self.degraded());
        }
    }

    /// All faults beside which the pipeline still works.
    fn degraded(&self) -> Vec<Degraded> {
        let mut degraded = self.refused.degraded();
        degraded.extend(self.meter.all_rejected());
        degraded.extend(self.source.get().map(|source| source.degraded()).unwrap_or_default());
        degraded.extend(self.sink.get().map(|sink| sink.degraded()).unwrap_or_default());
        degraded
    }

    fn measures(&self) -> Vec<(&'static str, Measure)> {
        let source = self.source.get().map(|source| source.measures()).unwrap_or_default();
        let sink = self.sink.get().map(|sink| sink.measures()).unwrap_or_default();
        let source = source.into_iter().map(|measure| ("source", measure));
        source.chain(sink.into_iter().map(|measure| ("sink", measure))).collect()
    }

    fn hashes(&self) -> Hashes {
        let schema = self.validator.get().and_then(|validator| validator.hash());
        Hashes { config: self.config_hash.clone(), schema }
    }

    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        self.source.get()?.publisher()
    }

    async fn connect_replay(&self) -> Result<Replay, Error> {
        let Some(sink) = self.sink.get() else {
            return Err(Error::retryable(Why::Starting, anyhow!("the sink is not connected yet")));
        };
        let letters = sink.dead_letters();
        let letters = letters.ok_or_else(|| {
            Error::permanent(anyhow!("this sink keeps no dead letters that this instance may read"))
        })?;
        let validator = self.validator.get().cloned();
        Ok(Replay::new(&self.settings, validator, sink.writer().await?, letters))
    }
}

/// The hash of all settings. The origin of a value does not count.
fn hash(settings: &[Setting]) -> String {
    let lines = settings.iter().map(|Setting { key, value, .. }| format!("{key} {value:?}\n"));
    short_hash(lines.collect::<String>().as_bytes())
}

/// The sample document of `[produce]`, if the section exists. A mistake in the section is only
/// logged, so the pipeline still runs.
fn sample(config: &Config) -> Option<Sample> {
    if !config.has("produce") {
        return None;
    }
    match Sample::load(config) {
        Ok(Ok(sample)) => Some(sample),
        Ok(Err(error)) => {
            warn!(error = format!("{error:#}"), "no test documents can be sent");
            None
        }
        Err(report) => {
            warn!(%report, "no test documents can be sent");
            None
        }
    }
}

#[async_trait]
impl Instance for RunningInstance {
    fn stages(&self) -> Vec<StageInfo> {
        self.stages.clone()
    }

    fn settings(&self) -> Vec<Setting> {
        self.values.clone()
    }

    fn program(&self) -> &str {
        self.program.unwrap_or("l0-runtime")
    }

    fn vitals(&self) -> Vitals {
        let backlog = self.source.get().and_then(|source| source.backlog());
        Vitals {
            given_back: self.refused.outstanding(),
            degraded: self.degraded(),
            measures: self.measures(),
            hashes: self.hashes(),
            queries: self.queries.get().map(|count| count()),
            ..self.meter.vitals(self.ledger.counts(), backlog)
        }
    }

    fn count_queries(&self, count: CountQueries) {
        let _ = self.queries.set(count);
    }

    fn history(&self) -> History {
        self.meter.history()
    }

    fn letters(&self) -> Option<Arc<dyn DeadLetters>> {
        self.sink.get()?.dead_letters()
    }

    fn can_produce(&self) -> bool {
        self.sample.is_some() && self.publisher().is_some()
    }

    async fn produce(&self, count: usize) -> Result<Vec<String>, Error> {
        let (Some(sample), Some(publisher)) = (&self.sample, self.publisher()) else {
            return Err(Error::permanent(anyhow!(
                "the configuration has no sample, or no source to publish it to"
            )));
        };
        let mut fresh = Vec::with_capacity(count);
        for number in 0..count {
            let document = sample.document(number as u64);
            publisher.publish(document.payload.into()).await?;
            fresh.push(document.fresh);
        }
        Ok(fresh)
    }

    fn can_replay(&self) -> bool {
        self.has_source
    }

    async fn replay(&self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error> {
        if !self.can_replay() {
            return Err(Error::permanent(anyhow!(
                "this instance cannot replay dead letters, because it has no source"
            )));
        }
        let mut kept = self.replay.lock().await;
        if kept.is_none() {
            *kept = Some(self.connect_replay().await?);
        }
        match kept.as_mut() {
            // The connection of the replay was idle, so it may have been closed without notice. A
            // second attempt opens a new one.
            Some(replay) => match replay.replay(letters).await {
                Err(Error::Retryable { why: Why::Unreachable, .. }) => replay.replay(letters).await,
                replayed => replayed,
            },
            None => Ok(Vec::new()),
        }
    }
}

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use l0_stage::anyhow::anyhow;
use l0_stage::letters::{BuriedLetter, DeadLetters};
use l0_stage::observe::{
    Backlog, Checks, CountQueries, Counts, Hashes, Histograms, History, Rates, Setting, StageInfo,
    Vitals, Writes,
};
use l0_stage::{Error, Verdict, async_trait};
use time::OffsetDateTime;

/// An instance that does nothing except answer as it was told. Clones share it.
#[derive(Clone)]
pub struct Instance {
    state: Arc<Mutex<State>>,
    letters: Option<Arc<dyn DeadLetters>>,
}

struct State {
    vitals: Vitals,
    history: History,
    replays: VecDeque<Verdict>,
    published: Vec<String>,
    can_replay: bool,
    can_produce: bool,
    failure: Option<Failure>,
    queries: Option<CountQueries>,
}

/// The error of a failing instance.
type Failure = Box<dyn Fn() -> Error + Send>;

impl Default for Instance {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Instance {
    /// An instance that has received nothing yet.
    #[must_use]
    pub fn new(letters: Option<Arc<dyn DeadLetters>>) -> Self {
        let now = OffsetDateTime::now_utc();
        let vitals = Vitals {
            started: now,
            counts: Counts::default(),
            backlog: None,
            redelivered: 0,
            given_back: 0,
            degraded: Vec::new(),
            last_stored: None,
            rates: Rates::default(),
            checks: Checks::default(),
            writes: Writes::default(),
            latency: None,
            workers: Vec::new(),
            histograms: Histograms::default(),
            letters: Vec::new(),
            measures: Vec::new(),
            hashes: Hashes::default(),
            queries: None,
        };
        let state = State {
            vitals,
            history: History { end: now, stored: Vec::new(), lag: Vec::new(), away: Vec::new() },
            replays: VecDeque::new(),
            published: Vec::new(),
            can_replay: true,
            can_produce: true,
            failure: None,
            queries: None,
        };
        Self { state: Arc::new(Mutex::new(state)), letters }
    }

    /// Changes its vitals from now on.
    pub fn change(&self, change: impl FnOnce(&mut Vitals)) {
        self.with(|state| change(&mut state.vitals));
    }

    /// Changes the ledger from now on.
    pub fn count(&self, counts: Counts) {
        self.change(|vitals| vitals.counts = counts);
    }

    /// Changes the backlog from now on.
    pub fn owe(&self, backlog: Option<Backlog>) {
        self.change(|vitals| vitals.backlog = backlog);
    }

    /// The result of the next replays of single letters, in this order. After them every letter is
    /// stored.
    pub fn on_replay(&self, replayed: Verdict) {
        self.with(|state| state.replays.push_back(replayed));
    }

    /// Sets the last five minutes.
    pub fn remember(&self, history: History) {
        self.with(|state| state.history = history);
    }

    /// From now on it cannot replay.
    pub fn cannot_replay(&self) {
        self.with(|state| state.can_replay = false);
    }

    /// From now on it cannot publish.
    pub fn cannot_produce(&self) {
        self.with(|state| state.can_produce = false);
    }

    /// From now on replays and publishes fail with this error.
    pub fn fail(&self, error: impl Fn() -> Error + Send + 'static) {
        self.with(|state| state.failure = Some(Box::new(error)));
    }

    /// The texts of the published documents.
    #[must_use]
    pub fn published(&self) -> Vec<String> {
        self.with(|state| state.published.clone())
    }

    fn check(&self) -> Result<(), Error> {
        self.with(|state| state.failure.as_ref().map_or(Ok(()), |failure| Err(failure())))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl l0_stage::observe::Instance for Instance {
    fn stages(&self) -> Vec<StageInfo> {
        let stage = |role, kind: &str| {
            let summary = format!("{kind} of the test");
            StageInfo { role, kind: kind.to_owned(), summary }
        };
        vec![stage("source", "memory"), stage("sink", "memory"), stage("query", "http")]
    }

    fn settings(&self) -> Vec<Setting> {
        let setting = |key: &str, value: Option<&str>| Setting {
            key: key.to_owned(),
            value: value.map(str::to_owned),
            origin: "pipeline.toml:1".to_owned(),
        };
        vec![setting("pipeline.name", Some("test")), setting("sink.memory.password", None)]
    }

    fn vitals(&self) -> Vitals {
        self.with(|state| {
            let queries = state.queries.as_ref().map(|count| count());
            Vitals { queries, ..state.vitals.clone() }
        })
    }

    fn count_queries(&self, count: CountQueries) {
        self.with(|state| state.queries = Some(count));
    }

    fn history(&self) -> History {
        self.with(|state| state.history.clone())
    }

    fn letters(&self) -> Option<Arc<dyn DeadLetters>> {
        self.letters.clone()
    }

    fn can_produce(&self) -> bool {
        self.with(|state| state.can_produce)
    }

    async fn produce(&self, count: usize) -> Result<Vec<String>, Error> {
        self.check()?;
        let fresh: Vec<_> = (1..=count).map(|number| format!("FRESH_{number}")).collect();
        self.with(|state| state.published.extend(fresh.iter().cloned()));
        Ok(fresh)
    }

    fn can_replay(&self) -> bool {
        self.with(|state| state.can_replay)
    }

    async fn replay(&self, letters: &[BuriedLetter]) -> Result<Vec<Verdict>, Error> {
        self.check()?;
        let result = |letter: &BuriedLetter| {
            let scripted = self.with(|state| state.replays.pop_front());
            scripted.unwrap_or(Verdict::Stored { id: letter.id })
        };
        let results: Vec<_> = letters.iter().map(result).collect();
        let stored = letters.iter().zip(&results).filter_map(|(letter, result)| match result {
            Verdict::Stored { id } | Verdict::Duplicate { id } => Some((letter.id, *id)),
            Verdict::Buried(_) | Verdict::Returned(_) => None,
        });
        let kept = self.letters.as_ref().ok_or_else(|| Error::permanent(anyhow!("no letters")))?;
        kept.mark_replayed(&stored.collect::<Vec<_>>()).await?;
        Ok(results)
    }
}

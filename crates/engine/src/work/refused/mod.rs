//! What becomes of documents that the sink does not store.

mod decide;
mod given_back;
mod rules;

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::observe::{Degraded, Symptom};
use l0_stage::{Error, Origin, Reason, Refusal, Why};
use tokio::time::Instant;

pub(crate) use decide::Decision;
use decide::{Case, Failure, Limits, Past, decide};
use given_back::GivenBack;
use rules::Rules;

/// Most rules that are shown at once.
const TOLD: usize = 20;

/// Panics in a row after which a stage rests before it is called again. More than it takes all workers
/// to find one document each in their batches.
const BROKEN: u32 = 100;

/// What an instance remembers of refused documents. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Refused(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: Limits,
    workers: usize,
    /// Most messages that may be given back at once.
    most: AtomicUsize,
    /// Writes of this instance that stored something.
    commits: AtomicU64,
    /// Panics of stages since the last write that was answered.
    panics: AtomicU32,
    /// Whether nothing is remembered, so that no message needs to be looked up.
    is_empty: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    given_back: GivenBack,
    rules: Rules,
}

impl Refused {
    pub fn new(workers: usize) -> Self {
        Self(Arc::new(Shared {
            limits: limits(),
            workers,
            most: AtomicUsize::new(1_000),
            commits: AtomicU64::new(0),
            panics: AtomicU32::new(0),
            is_empty: AtomicBool::new(true),
            state: Mutex::default(),
        }))
    }

    /// Sets how many messages the source allows to be given back.
    pub fn allow(&self, most: usize) {
        self.0.most.store(most, Ordering::Relaxed);
    }

    /// A stage panicked. Returns whether it seems to panic whatever it is given.
    pub fn panicked(&self) -> bool {
        self.0.panics.fetch_add(1, Ordering::Relaxed) >= BROKEN
    }

    /// A write was answered: documents get through all stages.
    pub fn answered(&self) {
        self.0.panics.store(0, Ordering::Relaxed);
    }

    /// Counts a write that stored something.
    pub fn committed(&self) {
        self.0.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Decides about a write that failed because of the environment.
    pub fn away(&self, why: Why, timeouts: u32, documents: usize) -> Decision {
        let failure = Failure::Away { why, timeouts };
        decide(&Case { failure, documents, past: Past::default(), has_room: false }, &self.0.limits)
    }

    /// Decides about a batch with a refused document in it.
    pub fn in_batch(&self, refusal: &Refusal, documents: usize) -> Decision {
        let failure = failure(refusal);
        decide(&Case { failure, documents, past: Past::default(), has_room: true }, &self.0.limits)
    }

    /// Commits of this instance so far.
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    /// Decides about a refused document that stands alone, and remembers the decision.
    /// `since` were the commits before the batch was written in which it first stood.
    pub fn alone(&self, origin: &Origin, refusal: &Refusal, since: u64) -> Decision {
        let (rule, failure) = (&refusal.rule, failure(refusal));
        let Shared { limits, workers, most, commits, .. } = &*self.0;
        let now = Instant::now();
        self.with(|State { given_back, rules }| {
            let commits = commits.load(Ordering::Relaxed);
            // A refusal of the database was its answer to the document alone.
            let since = if failure == Failure::Panicked { since } else { commits };
            let past = given_back.fail(origin, rule, (since, commits), now);
            let outstanding = given_back.outstanding(now);
            let has_room = outstanding < most.load(Ordering::Relaxed);
            match decide(&Case { failure, documents: 1, past, has_room }, limits) {
                Decision::GiveBack(delay) => {
                    let least = given_back.least_delay(outstanding + 1, limits.share, *workers);
                    let delay = delay.max(least.min(limits.longest));
                    given_back.give(origin, delay, now);
                    Decision::GiveBack(delay)
                }
                Decision::Bury => {
                    given_back.forget(origin);
                    rules.note(Symptom::Buried, rule, now);
                    Decision::Bury
                }
                kept => kept,
            }
        })
    }

    /// Enters that the database stored a document without some of its rows.
    pub fn kept_out(&self, missing: &str) {
        self.with(|state| state.rules.note(Symptom::KeptOut, missing, Instant::now()));
    }

    /// Enters that a message was received. Returns how often this instance has given it back.
    pub fn take(&self, origin: &Origin) -> u32 {
        if self.0.is_empty.load(Ordering::Relaxed) {
            return 0;
        }
        self.with(|state| state.given_back.take(origin))
    }

    /// Forgets a message, because it is settled for good.
    pub fn forget(&self, origin: &Origin) {
        if !self.0.is_empty.load(Ordering::Relaxed) {
            self.with(|state| state.given_back.forget(origin));
        }
    }

    /// Enters the time that a worker spent on a message that had been given back.
    pub fn spent(&self, time: Duration) {
        self.with(|state| state.given_back.spent(time));
    }

    /// The error that explains why documents are kept in hand instead of being given back.
    pub fn too_many(&self) -> Error {
        let (given_back, rules) = (self.outstanding(), self.degraded());
        let rule = rules.first().map_or("", |it| it.cause.as_str());
        let message = anyhow!("{given_back} documents are given back, which is the limit: {rule}");
        Error::retryable(Why::Refusing, message)
    }

    /// The number of messages that are still to return.
    pub fn outstanding(&self) -> u64 {
        self.with(|state| state.given_back.outstanding(Instant::now()) as u64)
    }

    /// The rules of the database that refuse documents, or keep rows of them out.
    pub fn degraded(&self) -> Vec<Degraded> {
        self.with(|State { given_back, rules }| {
            let mut degraded = given_back.rules();
            degraded.extend(rules.recent(Instant::now()));
            degraded.truncate(TOLD);
            degraded
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let done = act(&mut state);
        self.0.is_empty.store(state.given_back.is_empty(), Ordering::Relaxed);
        done
    }
}

fn failure(refusal: &Refusal) -> Failure {
    let Refusal { blame, may_pass, .. } = *refusal;
    match refusal.rejection.reason {
        Reason::StagePanicked => Failure::Panicked,
        _ => Failure::Refused { blame, may_pass },
    }
}

#[cfg(not(feature = "failpoints"))]
fn limits() -> Limits {
    Limits::USUAL
}

/// The limits; a fault test divides their times by a factor that it sets.
#[cfg(feature = "failpoints")]
fn limits() -> Limits {
    let hurry = std::env::var("L0_HURRY").ok().and_then(|by| by.parse().ok());
    Limits::USUAL.hurried(hurry.unwrap_or(1))
}

//! Decides what becomes of documents that the sink refuses, and remembers their failures.

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

/// The most rules that are shown at once.
const TOLD: usize = 20;

/// The number of panics in a row after which a stage is called only after a pause. It is larger
/// than the number of panics that all workers need to find one bad document each by halving.
const BROKEN: u32 = 100;

/// What an instance remembers about refused documents. Clones share the same memory.
#[derive(Debug, Clone)]
pub(crate) struct Refused(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: Limits,
    workers: usize,
    /// The most messages that may be given back at the same time.
    most: AtomicUsize,
    /// The number of writes of this instance that stored something.
    commits: AtomicU64,
    /// The number of panics of stages since the last write that returned outcomes.
    panics: AtomicU32,
    /// Whether no message is remembered. Then a worker needs no look-up and takes no lock.
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

    /// Sets the source's limit of messages that may be given back.
    pub fn allow(&self, most: usize) {
        self.0.most.store(most, Ordering::Relaxed);
    }

    /// Records a panic of a stage. Returns whether the stage seems to panic at every document.
    pub fn panicked(&self) -> bool {
        self.0.panics.fetch_add(1, Ordering::Relaxed) >= BROKEN
    }

    /// Records that the sink answered a write, so documents pass all stages.
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

    /// Decides about a batch that contains a refused document.
    pub fn in_batch(&self, refusal: &Refusal, documents: usize) -> Decision {
        let failure = failure(refusal);
        decide(&Case { failure, documents, past: Past::default(), has_room: true }, &self.0.limits)
    }

    /// The number of commits of this instance so far.
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    /// Decides about a refused document that is alone in its write, and remembers the decision.
    /// `since` is the number of commits before the document's batch was first written.
    pub fn alone(&self, origin: &Origin, refusal: &Refusal, since: u64) -> Decision {
        let (rule, failure) = (&refusal.rule, failure(refusal));
        let Shared { limits, workers, most, commits, .. } = &*self.0;
        let now = Instant::now();
        self.with(|State { given_back, rules }| {
            let commits = commits.load(Ordering::Relaxed);
            // The database refused the document alone, so an earlier failure of its batch does not
            // count.
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

    /// Records that the database stored a document without some of its child rows.
    pub fn kept_out(&self, missing: &str) {
        self.with(|state| state.rules.note(Symptom::KeptOut, missing, Instant::now()));
    }

    /// Records that a message was received. Returns how often this instance has given it back.
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

    /// Records the time that a worker spent on a message that had been given back.
    pub fn spent(&self, time: Duration) {
        self.with(|state| state.given_back.spent(time));
    }

    /// The error that explains in `/readyz` why workers keep documents instead of giving them back.
    pub fn too_many(&self) -> Error {
        let (given_back, rules) = (self.outstanding(), self.degraded());
        let rule = rules.first().map_or("", |it| it.cause.as_str());
        let message = anyhow!(
            "{given_back} documents were given back, which is the limit; most were refused by: {rule}"
        );
        Error::retryable(Why::Refusing, message)
    }

    /// The number of given-back messages that are still to be delivered again.
    pub fn outstanding(&self) -> u64 {
        self.with(|state| state.given_back.outstanding(Instant::now()) as u64)
    }

    /// The rules of the database that refuse documents or leave out their child rows, as symptoms.
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

/// The limits. The variable `L0_HURRY` of a fault test divides their times.
#[cfg(feature = "failpoints")]
fn limits() -> Limits {
    let hurry = std::env::var("L0_HURRY").ok().and_then(|by| by.parse().ok());
    Limits::USUAL.hurried(hurry.unwrap_or(1))
}

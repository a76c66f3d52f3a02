//! The measurements of the workers: counts, rates, times.

mod buckets;
mod letters;
mod past;
mod slot;
mod window;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use l0_stage::observe::{
    Backlog, Checks, Counts, Degraded, Hashes, Histograms, History, Unready, Vitals, Writes,
};
use l0_stage::time::OffsetDateTime;
use l0_stage::{DeadLetter, Record};

pub(crate) use slot::Slot;

use buckets::{Buckets, DOCUMENTS, SECONDS};
use letters::Letters;
use past::Past;
use window::Window;

/// A document counts as early if it was stored more than this many seconds before its time of
/// publishing. Then the clocks of two machines differ.
const EARLY: f64 = 0.1;

/// Counts and times, both since the start and for the last minutes. Clones share the same data.
///
/// Workers add their measurements batch by batch, never message by message.
#[derive(Debug, Clone)]
pub(crate) struct Meter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    started: OffsetDateTime,
    clock: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    redelivered: u64,
    rejected: u64,
    retries: u64,
    letters: Letters,
    last_stored: Option<OffsetDateTime>,
    batch: Buckets,
    write: Buckets,
    latency: Buckets,
    window: Window,
    past: Past,
    workers: Vec<Weak<AtomicU64>>,
}

impl Meter {
    pub fn new() -> Self {
        let state = State {
            redelivered: 0,
            rejected: 0,
            retries: 0,
            letters: Letters::default(),
            last_stored: None,
            batch: Buckets::new(&DOCUMENTS),
            write: Buckets::new(&SECONDS),
            latency: Buckets::new(&SECONDS),
            window: Window::new(),
            past: Past::default(),
            workers: Vec::new(),
        };
        let (started, clock) = (OffsetDateTime::now_utc(), Instant::now());
        Self(Arc::new(Shared { started, clock, state: Mutex::new(state) }))
    }

    /// The slot in which a new worker shows its state. It disappears when the worker drops it.
    pub fn slot(&self) -> Slot {
        let slot = Slot::default();
        self.with(|state, _| state.workers.push(Arc::downgrade(&slot.0)));
        slot
    }

    /// Counts deliveries whose messages had been delivered before.
    pub fn redelivered(&self, messages: u64) {
        if messages > 0 {
            self.with(|state, _| state.redelivered += messages);
        }
    }

    /// Adds the check of a batch, from parsing to encoding: how many messages, how many of them
    /// were rejected, and the time.
    pub fn checked(&self, messages: usize, rejected: usize, took: Duration) {
        self.with(|state, now| {
            state.rejected += rejected as u64;
            let second = state.window.second(now);
            second.checked += messages as u64;
            second.checking += took;
        });
    }

    /// Adds one write to which the sink returned outcomes.
    #[allow(clippy::cast_precision_loss, reason = "a batch is far below 2^52 documents")]
    pub fn wrote(&self, documents: usize, took: Duration) {
        self.with(|state, now| {
            state.batch.add(documents as f64);
            state.write.add(took.as_secs_f64());
            let second = state.window.second(now);
            second.writes += 1;
            second.written += documents as u64;
            second.writing += took;
        });
    }

    /// Counts a failed write that the worker tries again.
    pub fn retried(&self) {
        self.with(|state, _| state.retries += 1);
    }

    /// Counts dead letters that were committed.
    pub fn buried(&self, letters: &[DeadLetter]) {
        if !letters.is_empty() {
            self.with(|state, _| state.letters.count(letters));
        }
    }

    /// Counts documents that were committed. The latency of a document is the time since it was
    /// published, by the clock of the source's service. If that clock is ahead of the clock of this
    /// machine, the latency is counted as zero. If it is ahead by more than [`EARLY`], the document
    /// also counts as early.
    pub fn stored<'a>(&self, records: impl Iterator<Item = &'a Record>) {
        let time = OffsetDateTime::now_utc();
        self.with(|state, now| {
            for record in records {
                let passed = (time - record.message.origin.published).as_seconds_f64();
                let latency = passed.max(0.0);
                state.latency.add(latency);
                let second = state.window.second(now);
                second.latency.add(latency);
                second.early += u64::from(passed < -EARLY);
                state.last_stored = Some(time);
            }
        });
    }

    /// Adds the numbers of this second to the history. Must be called once a second.
    pub fn sample(&self, counts: Counts, lag: Option<u64>, reasons: &[Unready]) {
        self.with(|state, _| state.past.sample(counts, state.letters.clone(), lag, reasons));
    }

    /// The symptom, if every message of the last minute was rejected.
    pub fn all_rejected(&self) -> Option<Degraded> {
        self.with(|state, _| state.past.all_rejected())
    }

    pub fn history(&self) -> History {
        self.with(|state, _| state.past.history())
    }

    #[allow(clippy::cast_precision_loss, reason = "documents of a minute are far below 2^52")]
    pub fn vitals(&self, counts: Counts, backlog: Option<Backlog>) -> Vitals {
        let started = self.0.started;
        self.with(|state, now| {
            let minute = state.window.sum(now);
            state.workers.retain(|slot| slot.strong_count() > 0);
            let workers = state.workers.iter().filter_map(Weak::upgrade);
            Vitals {
                started,
                counts,
                backlog,
                redelivered: state.redelivered,
                given_back: 0,
                degraded: Vec::new(),
                last_stored: state.last_stored,
                rates: state.past.rates(),
                checks: Checks {
                    rejected: state.rejected,
                    micros: mean(minute.checking.as_secs_f64() * 1e6, minute.checked),
                },
                writes: Writes {
                    batch: mean(minute.written as f64, minute.writes),
                    millis: mean(minute.writing.as_secs_f64() * 1e3, minute.writes),
                    retries: state.retries,
                },
                latency: minute.latency(),
                workers: workers.map(|slot| Slot::read(&slot)).collect(),
                histograms: Histograms {
                    batch: state.batch.shown(),
                    write: state.write.shown(),
                    latency: state.latency.shown(),
                },
                letters: state.letters.by_reason(),
                measures: Vec::new(),
                hashes: Hashes::default(),
                queries: None,
            }
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State, u64) -> T) -> T {
        let now = self.0.clock.elapsed().as_secs();
        act(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner), now)
    }
}

#[allow(clippy::cast_precision_loss, reason = "sums of a minute are far below 2^52")]
fn mean(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

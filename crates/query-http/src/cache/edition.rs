//! Keeps only documents of the store's present edition.

use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::stored::Edition;
use l0_stage::{Error, Reader, Why};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::info;

use super::{Cache, Failure, Shelf, State};

/// How often the store's edition is read while the cache holds a document.
const EVERY: Duration = Duration::from_secs(1);
/// A younger result is reused by reads. It is longer than [`EVERY`], so misses need no look of
/// their own while the store is watched.
const FRESH: Duration = Duration::from_secs(2);

/// The result of the last look.
#[derive(Debug, Default)]
pub(super) struct Seen {
    edition: Option<Edition>,
    /// When the look began; `None` if it failed.
    at: Option<Instant>,
    /// How often the cache was emptied.
    generation: u64,
}

impl Cache {
    /// Reads the store's edition every second, if the cache holds a document. Never ends.
    pub async fn watch(self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.figures().entries > 0 {
                let _one_at_a_time = self.0.looking.lock().await;
                // An absent store is reported by the sink's own readiness.
                let _ = self.0.look().await;
            }
        }
    }
}

impl Shelf {
    /// The generation of a read that begins now. `None` if it cannot be known.
    pub(super) async fn generation(&self) -> Result<Option<u64>, Failure> {
        if let Some(generation) = self.with(|state| state.seen.fresh()) {
            return Ok(Some(generation));
        }
        let _one_at_a_time = self.looking.lock().await;
        if let Some(generation) = self.with(|state| state.seen.fresh()) {
            return Ok(Some(generation));
        }
        if self.view.reader().is_none() {
            return Err(Failure::Starting);
        }
        match self.look().await {
            Ok(generation) => Ok(Some(generation)),
            Err(error @ Error::Retryable { why: Why::Unreachable | Why::TimedOut, .. }) => {
                Err(self.complain(&[], &error))
            }
            Err(error) => {
                self.complain(&[], &error);
                Ok(None)
            }
        }
    }

    /// Reads the store's edition, and empties the cache if it has changed. Only one look at a time:
    /// a late answer would seem to go back.
    async fn look(&self) -> Result<u64, Error> {
        let began = Instant::now();
        let edition = match self.view.reader() {
            Some(reader) => self.edition_of(&*reader).await,
            None => Err(Error::retryable(Why::Unreachable, anyhow!("there is no reader yet"))),
        };
        self.with(|state| match edition {
            Ok(edition) => Ok(state.saw(edition, began)),
            Err(error) => {
                state.seen.at = None;
                Err(error)
            }
        })
    }

    async fn edition_of(&self, reader: &dyn Reader) -> Result<Option<Edition>, Error> {
        match timeout(self.limits.read_timeout, reader.edition()).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(Error::retryable(Why::TimedOut, anyhow!("no answer in time"))),
        }
    }
}

impl State {
    fn saw(&mut self, edition: Option<Edition>, began: Instant) -> u64 {
        if !self.seen.goes_on_as(edition.as_ref()) {
            let (entries, _) = self.kept.size();
            if entries > 0 {
                info!(entries, "the store was replaced, or gives ids again: cache emptied");
            }
            self.kept.clear();
            self.seen.generation += 1;
        }
        self.seen.edition = edition;
        self.seen.at = Some(began);
        self.seen.generation
    }
}

impl Seen {
    /// The generation, if the last look is recent enough.
    fn fresh(&self) -> Option<u64> {
        self.at.filter(|at| at.elapsed() < FRESH).map(|_| self.generation)
    }

    /// Whether the result of a read of this generation may be kept.
    pub(super) fn is_of(&self, generation: Option<u64>) -> bool {
        generation == Some(self.generation)
    }

    fn goes_on_as(&self, edition: Option<&Edition>) -> bool {
        match (edition, &self.edition) {
            (Some(now), Some(earlier)) => now.follows(earlier),
            (now, earlier) => now.is_none() && earlier.is_none(),
        }
    }
}

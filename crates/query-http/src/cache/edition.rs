//! Whose documents are kept: those of one edition of the store.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use l0_stage::anyhow::anyhow;
use l0_stage::stored::Edition;
use l0_stage::{Error, Reader, Why};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::info;

use super::{Cache, Failure, Shelf, State};

/// How often the store is looked at while something is kept.
const EVERY: Duration = Duration::from_secs(1);
/// A read trusts a look that is younger: above [`EVERY`], so that misses cost none while it goes on.
const FRESH: Duration = Duration::from_secs(2);

/// What the last look saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    edition: Option<Edition>,
    /// When it began; `None` after one that failed.
    at: Option<Instant>,
    /// How often the cache was emptied.
    generation: u64,
}

impl Cache {
    /// Looks every second which edition the store is, if anything is kept. Never ends.
    pub async fn watch(self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.figures().entries > 0 {
                let _one_at_a_time = self.0.looking.lock().await;
                // A store that is away is told by the sink's own readiness.
                let _ = self.0.look().await;
            }
        }
    }
}

impl Shelf {
    /// The generation that a read which begins now belongs to; `None` if that cannot be known.
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

    /// Looks at the store, and empties the cache if it is another one. One look at a time: a late
    /// answer would seem to go back.
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
        let looking = AssertUnwindSafe(reader.edition()).catch_unwind();
        match timeout(self.limits.read_timeout, looking).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_panic)) => Err(Error::permanent(anyhow!("the reader panicked"))),
            Err(_elapsed) => Err(Error::retryable(Why::TimedOut, anyhow!("no answer in time"))),
        }
    }
}

impl State {
    fn saw(&mut self, edition: Option<Edition>, began: Instant) -> u64 {
        if !self.seen.goes_on_as(edition.as_ref()) {
            let (entries, _) = self.kept.size();
            if entries > 0 {
                info!(entries, "the store is another one, or gives ids again: cache emptied");
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
    /// The generation, if the last look may be trusted.
    fn fresh(&self) -> Option<u64> {
        self.at.filter(|at| at.elapsed() < FRESH).map(|_| self.generation)
    }

    /// Whether a read of this generation may be kept.
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

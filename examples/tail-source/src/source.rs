//! The source that all workers call at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use l0_stage::{Delivery, Error, Source, Stop, async_trait};
use tokio::sync::Notify;

use crate::lines::{Line, Lines};
use crate::place::PlaceFile;

/// How often an idle source looks whether the file has grown.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) struct TailSource {
    shared: Arc<Shared>,
    place: Mutex<PlaceFile>,
}

/// What the deliveries need of the source.
struct Shared {
    lines: Mutex<Lines>,
    /// Lines were given back or dropped: who waits should look.
    changed: Notify,
}

/// Hands a line over. It comes back when its receipt is settled or dropped.
fn deliver(Line { message, begin }: Line, shared: &Arc<Shared>) -> Delivery {
    let shared = Arc::clone(shared);
    Delivery::held(message, move |message, verdict| {
        lock(&shared.lines).settle(Line { message, begin }, verdict);
        shared.changed.notify_waiters();
    })
}

impl TailSource {
    pub fn new(lines: Lines, place: PlaceFile) -> Self {
        let shared = Shared { lines: Mutex::new(lines), changed: Notify::new() };
        Self { shared: Arc::new(shared), place: Mutex::new(place) }
    }

    /// Once per batch instead of once per line: what is settled and not kept yet is delivered again after a kill.
    fn keep_place(&self) -> Result<(), Error> {
        let mut file = lock(&self.place);
        let settled = lock(&self.shared.lines).settled();
        file.keep(settled)
    }
}

#[async_trait]
impl Source for TailSource {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        self.keep_place()?;
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if stop.is_requested() {
                return Ok(None);
            }
            let (batch, due) = {
                let mut lines = lock(&self.shared.lines);
                (lines.take(max)?, lines.due())
            };
            if !batch.is_empty() {
                let deliveries = batch.into_iter().map(|line| deliver(line, &self.shared));
                return Ok(Some(deliveries.collect()));
            }
            let look = Instant::now() + LOOK;
            tokio::select! {
                () = changed => {}
                () = stop.requested() => {}
                () = tokio::time::sleep_until(due.unwrap_or(look).min(look).into()) => {}
            }
        }
    }

    async fn close(&self) -> Result<(), Error> {
        self.keep_place()
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

use std::convert::Infallible;
use std::time::Duration;

use l0_stage::Receipt;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// Extends receipts at an interval, so that the source does not redeliver a message while a worker
/// is still busy with it.
///
/// A worker uses one `Hold` for all steps of a batch. So many short steps extend the receipts as
/// often as one long step.
pub(crate) struct Hold(Option<Interval>);

impl Hold {
    /// `every` is the interval. It is `None` for a source whose receipts need no extension.
    pub fn new(every: Option<Duration>) -> Self {
        Self(every.map(|every| {
            let mut ticks = interval_at(Instant::now() + every, every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        }))
    }

    /// Awaits `work`, and meanwhile extends every receipt at the interval.
    pub async fn during<T>(
        &mut self,
        receipts: &[&dyn Receipt],
        work: impl Future<Output = T>,
    ) -> T {
        let Some(ticks) = &mut self.0 else { return work.await };
        tokio::select! {
            done = work => done,
            never = extend(ticks, receipts) => match never {},
        }
    }
}

async fn extend(ticks: &mut Interval, receipts: &[&dyn Receipt]) -> Infallible {
    loop {
        ticks.tick().await;
        for receipt in receipts {
            receipt.extend().await;
        }
    }
}

use std::convert::Infallible;
use std::time::Duration;

use l0_stage::Receipt;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// Keeps receipts alive, so that the source does not deliver again what is only taking long.
///
/// One of these lasts as long as the batch: work in many small steps is interrupted as often as work
/// in one.
pub(crate) struct Hold(Option<Interval>);

impl Hold {
    /// `None` for a source whose receipts never lapse.
    pub fn new(every: Option<Duration>) -> Self {
        Self(every.map(|every| {
            let mut ticks = interval_at(Instant::now() + every, every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        }))
    }

    /// Does the work while every receipt is extended at the interval.
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

use std::convert::Infallible;
use std::time::Duration;

use l0_stage::Receipt;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// Keeps receipts alive, so that the source does not deliver a message again that is only taking
/// long.
///
/// One of these lasts as long as the batch, so that many short steps extend the receipts as often
/// as one long step.
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

    /// Does the work, and extends every receipt at the interval meanwhile.
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

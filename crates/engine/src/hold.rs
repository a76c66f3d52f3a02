use std::convert::Infallible;
use std::time::Duration;

use l0_stage::Receipt;

/// Does the work while every receipt is extended at this interval, so that the source does not
/// deliver again what is only taking long.
pub(crate) async fn hold<T>(
    every: Option<Duration>,
    receipts: &[&dyn Receipt],
    work: impl Future<Output = T>,
) -> T {
    let Some(every) = every else { return work.await };
    tokio::select! {
        done = work => done,
        never = extend(every, receipts) => match never {},
    }
}

async fn extend(every: Duration, receipts: &[&dyn Receipt]) -> Infallible {
    loop {
        tokio::time::sleep(every).await;
        for receipt in receipts {
            receipt.extend().await;
        }
    }
}

use l0_stage::{Delivery, Error, Receipt, Verdict, async_trait};

use super::Guard;

/// Wraps the receipt of a delivery, so that a panic of the receipt cannot end a worker.
pub(super) fn contained(delivery: Delivery, guard: &Guard) -> Delivery {
    let Delivery { message, receipt, refused } = delivery;
    let receipt = Box::new(Contained { receipt, guard: guard.clone() });
    Delivery { message, receipt, refused }
}

struct Contained {
    receipt: Box<dyn Receipt>,
    guard: Guard,
}

#[async_trait]
impl Receipt for Contained {
    async fn extend(&self) {
        // A panic is ignored: if the receipt was not extended, the source delivers the message
        // again.
        let _ = self.guard.wait(self.receipt.extend()).await;
    }

    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        let Self { receipt, guard } = *self;
        guard.attempt(receipt.settle(verdict)).await
    }
}

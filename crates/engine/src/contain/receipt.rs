use l0_stage::{Delivery, Error, Receipt, Verdict, async_trait};

use super::Guard;

/// The same delivery, whose receipt cannot end a worker.
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
        // A message that is not extended is delivered again.
        let _ = self.guard.wait(self.receipt.extend()).await;
    }

    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        let Self { receipt, guard } = *self;
        guard.attempt(receipt.settle(verdict)).await
    }
}

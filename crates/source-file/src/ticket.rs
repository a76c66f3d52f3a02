use std::sync::Arc;

use l0_stage::{Delivery, Error, Receipt, Verdict, async_trait};

use crate::queue::{Item, Queue};

/// Settles when it is dropped, so that settling and forgetting take the same way.
pub(crate) struct Ticket {
    item: Option<Item>,
    verdict: Option<Verdict>,
    queue: Arc<Queue>,
}

impl Ticket {
    pub fn deliver(item: Item, queue: Arc<Queue>) -> Delivery {
        let message = item.message.clone();
        Delivery::new(message, Box::new(Self { item: Some(item), verdict: None, queue }))
    }
}

#[async_trait]
impl Receipt for Ticket {
    async fn settle(mut self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        self.verdict = Some(verdict);
        Ok(())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(item) = self.item.take() {
            self.queue.settle(item, self.verdict.as_ref());
        }
    }
}

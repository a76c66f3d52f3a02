//! The receipt of one line.

use std::sync::Arc;

use l0_stage::{Delivery, Error, Receipt, Verdict, async_trait};

use crate::lines::Line;
use crate::source::Shared;

/// Settles in its drop: a receipt that is forgotten ends in the same place, without a verdict.
struct Ticket {
    line: Option<Line>,
    verdict: Option<Verdict>,
    shared: Arc<Shared>,
}

/// Hands a line over.
pub(crate) fn deliver(line: Line, shared: &Arc<Shared>) -> Delivery {
    let message = line.message.clone();
    let ticket = Ticket { line: Some(line), verdict: None, shared: Arc::clone(shared) };
    Delivery::new(message, Box::new(ticket))
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
        if let Some(line) = self.line.take() {
            self.shared.settle(line, self.verdict.as_ref());
        }
    }
}
